"""Loading: from lines and files to nodes and edges in the graph, every row accounted for."""
