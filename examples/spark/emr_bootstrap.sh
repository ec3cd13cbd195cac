#!/bin/sh
# On every machine of the cluster: the engine's core in an environment of its own.
set -eu
sudo python3.11 -m venv /opt/engine
sudo /opt/engine/bin/pip install --quiet engine-recsys 'pyspark>=4.0,<4.1'
