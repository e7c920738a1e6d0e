"""The loss of a trained GPT-2 folder in another implementation: plain PyTorch, nothing of Octant's.

    octant tokenize --model FOLDER --json < TEXT | python3 bench/other-implementation.py FOLDER WINDOW

Prints the perplexity of every token but the first, in windows that follow each other, as `octant eval perplexity` counts it.
"""
import json, math, struct, sys
import torch
import torch.nn.functional as F

folder, window = sys.argv[1], int(sys.argv[2])
config = json.load(open(f"{folder}/config.json"))
assert config["model_type"] == "gpt2", "this script knows GPT-2 alone"
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
with open(f"{folder}/model.safetensors", "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    data = bytearray(file.read())
w = {name: torch.frombuffer(data, dtype=TYPES[t["dtype"]], offset=t["data_offsets"][0], count=math.prod(t["shape"])).view(t["shape"]).float()
     for name, t in header.items() if name != "__metadata__"}
heads, width, eps = config["n_head"], config["n_embd"], config.get("layer_norm_epsilon", 1e-5)
norm = lambda x, at: F.layer_norm(x, (width,), w[at + ".weight"], w[at + ".bias"], eps)
dense = lambda x, at: x @ w[at + ".weight"] + w[at + ".bias"]               # GPT-2 stores [in, out]


def logits(ids):
    count = len(ids)
    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][:count]
    later = torch.ones(count, count, dtype=torch.bool).triu(1)
    for i in range(config["n_layer"]):
        at = f"transformer.h.{i}"
        q, k, v = (part.view(count, heads, -1).transpose(0, 1) for part in dense(norm(x, at + ".ln_1"), at + ".attn.c_attn").chunk(3, -1))
        scores = (q @ k.transpose(1, 2) / math.sqrt(width / heads)).masked_fill(later, -math.inf)
        x = x + dense((scores.softmax(-1) @ v).transpose(0, 1).reshape(count, width), at + ".attn.c_proj")
        h = dense(norm(x, at + ".ln_2"), at + ".mlp.c_fc")
        h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h ** 3)))
        x = x + dense(h, at + ".mlp.c_proj")
    return norm(x, "transformer.ln_f") @ w["transformer.wte.weight"].T


ids = torch.tensor(json.load(sys.stdin)["ids"])
total = sum(F.cross_entropy(logits(ids[at:at + window][:len(ids) - 1 - at]), ids[at + 1:at + 1 + window], reduction="sum").item()
            for at in range(0, len(ids) - 1, window))
print(json.dumps({"perplexity": math.exp(total / (len(ids) - 1)), "tokens": len(ids) - 1}))
