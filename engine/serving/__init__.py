"""The HTTP service: what the command line answers, over HTTP. Needs the extra ``serve``.

``server`` runs it, in one process or in several (``worker_processes``); ``app`` puts it together.
A request passes ``request_tracking`` (id, time, headers, log), ``admission`` (whose key, how
often), ``body`` (size, type, strict JSON), then a route, which asks in a thread of
``bounded_threads``. The page in ``page/`` asks the same routes from a browser. Nothing imports
this package but ``cli.serve``, which starts it.
"""
