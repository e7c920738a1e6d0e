using Octant.Generation;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Logits processors, each alone and all in a row.</summary>
static class Sampling
{
    public static void Verify(Golden golden, Differences differences)
    {
        using var scope = NewDisposeScope();
        var inputs = new GoldenTensors(golden.Tensors("inputs.safetensors"));
        var expected = new GoldenTensors(golden.Tensors("expected.safetensors"));
        var settings = golden["settings"]!;
        var chained = inputs["scores"].clone();
        foreach (var name in golden["chain"]!.AsArray().Select(node => (string)node!))
        {
            differences.Compare(name, Process(name, inputs["scores"].clone()), expected[name]);
            differences.Compare($"chained.{name}", Process(name, chained), expected[$"chained.{name}"]);
        }

        Tensor Process(string name, Tensor scores)
        {
            double Setting(string key) => (double)settings[key]!;
            ILogitsProcessor processor = name switch
            {
                "repetition_penalty" => new RepetitionPenalty(Setting(name)),
                "no_repeat_ngram" => new NoRepeatNgram((int)Setting("no_repeat_ngram_size")),
                "temperature" => new Temperature(Setting(name)),
                "top_k" => new TopK((int)Setting(name)),
                "top_p" => new TopP(Setting(name)),
                "min_p" => new MinP(Setting(name)),
                "typical_p" => new Typical(Setting(name)),
                "epsilon_cutoff" => new EpsilonCutoff(Setting(name)),
                "eta_cutoff" => new EtaCutoff(Setting(name)),
                _ => throw new ArgumentException($"{name} is no processor"),
            };
            for (var row = 0L; row < scores.size(0); row++)
            {
                int[] ids = [.. inputs["input_ids"][row].data<long>().Select(id => (int)id)];
                using var view = scores[row];
                var values = view.data<float>().ToArray();
                processor.Process(new History(ids, ids.Length), values);
                view.copy_(tensor(values));
            }
            return scores;
        }
    }
}
