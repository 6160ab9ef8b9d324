"""How long the features of the Inception network are."""

# What can be computed: the name -> the length of a feature.
FEATURES = {"mixed_7": 768, "pool": 2048, "logits": 1008}
