# One training step of a GPT-2 of recipes/gpt-10m.yaml's shape in eager PyTorch for every line that comes in; prints its seconds.
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, ROWS, BLOCK, VOCABULARY = 6, 6, 384, 16, 256, 65
ATTEND = getattr(F, "scaled_dot_product_attention", None)       # since 2.0


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.register_buffer("hidden", torch.ones(BLOCK, BLOCK).tril() == 0)

    def attend(self, q, k, v):
        if ATTEND: return ATTEND(q, k, v, is_causal=True)
        scores = q @ k.transpose(-2, -1) * q.size(-1) ** -0.5
        return scores.masked_fill(self.hidden, -torch.inf).softmax(-1) @ v

    def forward(self, x):
        q, k, v = (each.unflatten(2, (HEADS, -1)).transpose(1, 2) for each in self.qkv(self.norm1(x)).split(WIDTH, -1))
        x = x + self.proj(self.attend(q, k, v).transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


tokens, positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(BLOCK, WIDTH)
body = nn.Sequential(*(Layer() for _ in range(LAYERS)), nn.LayerNorm(WIDTH))
parameters = [each for module in (tokens, positions, body) for each in module.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
ids, labels = torch.randint(VOCABULARY, (2, ROWS, BLOCK))


def step():
    with torch.autocast("cpu", torch.bfloat16, enabled=sys.argv[1] == "bfloat16"):
        hidden = body(tokens(ids) + positions(torch.arange(BLOCK)))
        logits = F.linear(hidden, tokens.weight)
    F.cross_entropy(logits.float().flatten(0, 1), labels.flatten()).backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


for _ in range(2): step()
for _ in sys.stdin:
    start = time.perf_counter()
    step()
    print(time.perf_counter() - start, flush=True)
