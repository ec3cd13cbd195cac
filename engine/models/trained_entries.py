"""Registry entries of the models that are trained step by step, which need PyTorch."""

from engine.models.gat import GATConfig, gat
from engine.models.gcn import GCNConfig, gcn
from engine.models.graph_encoder import features_where_asked, of_features
from engine.models.graphsage import GraphSAGEConfig, graphsage
from engine.models.item_lightgcn import ItemLightGCN, ItemLightGCNConfig
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.models.matrix_factorization import MatrixFactorization, MatrixFactorizationConfig
from engine.models.ngcf import NGCF, NGCFConfig
from engine.models.node2vec import DeepWalkConfig, Node2VecConfig, SkipGram, facts_where_asked
from engine.models.pinsage import PinSage, PinSageConfig, features_always
from engine.models.registry_entries import ModelEntry, of_events, sharded_of_events
from engine.models.relational_entries import RELATIONAL
from engine.models.sasrec import SASRec, SASRecConfig
from engine.models.tgat import TGAT, TGATConfig

_SKIP_GRAM = {
    "loss": "skip-gram",
    "temperature": "0.3",
    "batch_size": "16384",
    "recency": "0",
}

_OF_WEIGHTS = {"shuffle": "pairs"}
"""What is learned is weights that all nodes share: they need many steps more than many pairs."""

OWN_MODELS: dict[str, ModelEntry] = {
    "lightgcn": ModelEntry(
        config=LightGCNConfig,
        build=of_events(LightGCN),
        sharded=sharded_of_events(LightGCN),
        summary="Vectors smoothed over the graph, without weights",
        kind="gnn",
        paper="He et al. 2020",
    ),
    "item-lightgcn": ModelEntry(
        config=ItemLightGCNConfig,
        build=of_events(ItemLightGCN),
        sharded=sharded_of_events(ItemLightGCN),
        summary="Item vectors smoothed over items had together; users are sums of theirs",
        kind="gnn",
        unseen_users=True,
        training={"shuffle": "pairs"},  # a vector per pair, so that no user's is shared
    ),
    "ngcf": ModelEntry(
        config=NGCFConfig,
        build=of_events(NGCF),
        summary="Weighted messages that hold how much user and item agree",
        kind="gnn",
        paper="Wang et al. 2019",
        training={"learning_rate": "0.01"},
    ),
    "gcn": ModelEntry(
        config=GCNConfig,
        build=of_features(gcn),
        wants=features_where_asked,
        summary="Weighted means of neighbours",
        kind="gnn",
        paper="Kipf and Welling 2017",
        takes=("features",),
        unseen_users=True,
        unseen_items=True,
        training=_OF_WEIGHTS,
    ),
    "graphsage": ModelEntry(
        config=GraphSAGEConfig,
        build=of_features(graphsage),
        wants=features_where_asked,
        summary="Sampled neighbours by mean, maximum or LSTM, beside the node itself",
        kind="gnn",
        paper="Hamilton et al. 2017",
        takes=("features",),
        unseen_users=True,
        unseen_items=True,
        training=_OF_WEIGHTS,
    ),
    "gat": ModelEntry(
        config=GATConfig,
        build=of_features(gat),
        wants=features_where_asked,
        summary="Neighbours weighed by attention",
        kind="gnn",
        paper="Veličković et al. 2018",
        takes=("features",),
        unseen_users=True,
        unseen_items=True,
        training=_OF_WEIGHTS,
    ),
    "bpr-mf": ModelEntry(
        config=MatrixFactorizationConfig,
        build=of_events(MatrixFactorization),
        sharded=sharded_of_events(MatrixFactorization),
        sparse_gradients=True,
        summary="A vector per user and item, no propagation",
        kind="shallow",
        paper="Rendle et al. 2009",
        training={"loss": "bpr"},
    ),
    "pinsage": ModelEntry(
        config=PinSageConfig,
        build=PinSage,
        wants=features_always,
        batches="item-pairs",
        summary="Items by features and by the items visited from them; users are means of theirs",
        kind="gnn",
        paper="Ying et al. 2018",
        needs=("features",),
        takes=("timestamps",),
        unseen_users=True,
        unseen_items=True,
        training={
            "loss": "max-margin",
            "batch_size": "2048",
            "negative_count": "500",
            "recency": "0",
        },
    ),
    "sasrec": ModelEntry(
        config=SASRecConfig,
        build=of_events(SASRec),
        sharded=sharded_of_events(SASRec),
        batches="sequences",
        summary="Users by self-attention over their newest items, in order",
        kind="sequence",
        paper="Kang and McAuley 2018",
        needs=("timestamps",),
        training={
            "recency": "0",
            "batch_size": "1024",
            "learning_rate": "0.003",
            "decay": "linear",
            "epochs": "20",
        },
    ),
    "tgat": ModelEntry(
        config=TGATConfig,
        build=of_events(TGAT),
        batches="events",
        summary="Users and items at a time, by attention over whom they met last before it",
        kind="gnn",
        paper="Xu et al. 2020",
        needs=("timestamps",),
        training={"recency": "0", "learning_rate": "0.005", "decay": "linear", "epochs": "10"},
    ),
    "deepwalk": ModelEntry(
        config=DeepWalkConfig,
        build=SkipGram,
        wants=facts_where_asked,
        batches="walks",
        summary="Nodes that random walks bring together",
        kind="shallow",
        paper="Perozzi et al. 2014",
        takes=("facts",),
        training=_SKIP_GRAM,
    ),
    "node2vec": ModelEntry(
        config=Node2VecConfig,
        build=SkipGram,
        wants=facts_where_asked,
        batches="walks",
        summary="DeepWalk on walks biased by p (return) and q (in-out)",
        kind="shallow",
        paper="Grover and Leskovec 2016",
        takes=("facts",),
        training=_SKIP_GRAM,
    ),
    **RELATIONAL,
}
