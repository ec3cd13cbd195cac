"""Exchange: the graph to a folder of Parquet files, and from such a folder into a graph."""
