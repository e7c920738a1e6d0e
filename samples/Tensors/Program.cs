// The third depth: tensors in, tensors out. Without a model it makes a small one and teaches it to copy.
//   dotnet run --project samples/Tensors [-- MODEL]
using Octant.Configs;
using Octant.Models;
using Octant.Models.Decoders;
using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

if (args is [var path, ..])
{
    // A checkpoint owns the tensors of a file; building a model takes every one of them, or says by name what does not fit.
    using var opened = Checkpoint.Open(path);
    var decoder = Architectures.Decoder(opened);
    foreach (var (name, parameter) in opened.Parameters.Take(5)) Console.WriteLine($"{name,-45} [{string.Join(", ", parameter.shape)}]");
    using var quiet = no_grad();
    var hidden = decoder.Hidden(tensor(new long[] { 1, 2, 3 }).unsqueeze(0), new Pass());           // [1, T, D]
    Console.WriteLine($"hidden [{string.Join(", ", hidden.shape)}], logits [{string.Join(", ", decoder.Logits(hidden).shape)}]");
    return;
}

// A model is a class with a constructor (config, weights). Fresh weights are the same for the same seed and names.
var config = new LlamaConfig(
    VocabSize: 32, HiddenSize: 32, IntermediateSize: 64, NumHiddenLayers: 2, NumAttentionHeads: 4, NumKeyValueHeads: 2, InitializerRange: 0.1);
using var checkpoint = Checkpoint.Fresh(seed: 1);
var llama = checkpoint.Build(w => new Llama(config, w));
Console.WriteLine($"{checkpoint.Parameters.Count} tensors, {checkpoint.Parameters.Values.Sum(parameter => parameter.numel()):N0} numbers");

// Copying: a random word of eight letters, a separator, the word again. Only the second time can be known.
const int letters = 24, length = 8, separator = 30, steps = 200;
using var optimizer = optim.AdamW(checkpoint.Parameters.Values, lr: 1e-2);
random.manual_seed(1);
for (var step = 0; step < steps; step++)
{
    using var scope = NewDisposeScope();                    // frees the tensors of this step, all at once
    foreach (var group in optimizer.ParamGroups) group.LearningRate = 1e-2 * Math.Min(1, (step + 1) / 20.0) * (1 - (double)step / steps);
    var word = randint(letters, [32, length], int64);
    var ids = cat([word, full([32, 1], separator, int64), word], 1);                                // [B, T + 1]
    var labels = ids[.., 1..].clone();
    labels[.., ..length] = -100;                            // cross-entropy passes over these

    var hidden = llama.Hidden(ids[.., ..^1], new Pass { Training = true });                         // [B, T, D]
    var logits = llama.Logits(hidden);                                                              // [B, T, V]
    var loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index: -100);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step == 0) Console.WriteLine($"hidden [{string.Join(", ", hidden.shape)}], logits [{string.Join(", ", logits.shape)}]");
    if (step % 20 == 0 || step == steps - 1) Console.WriteLine($"step {step,3}  loss {loss.item<float>():F3}");
}
// A loss of ln 24 = 3.178 is guessing. What was learnt is written as Transformers reads it, by SafetensorsWriter.WriteFolder.
