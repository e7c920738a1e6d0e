using Octant.Formats;
using Octant.Models;
using Octant.Models.Nn;
using Octant.Tokenizers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Goldens.Kinds;

/// <summary>Decoders: logits, loss, hidden states, gradients, greedy generation and single steps through the cache.</summary>
static class CausalLanguageModels
{
    public static void Verify(Golden golden, Differences differences)
    {
        var type = (string?)golden.Json("config.json")["model_type"];
        if (Architectures.All.All(known => known.ModelType != type)) Assert.Skip($"{type}: no such architecture yet");
        using var scope = NewDisposeScope();
        foreach (var checkpoint in Variants(golden, differences))
            using (checkpoint) new Case(golden, differences, checkpoint).Run();
    }

    /// <summary>The same model in every form in which the folder has it: both spellings of its configuration, and a GGUF file.</summary>
    static IEnumerable<Checkpoint> Variants(Golden golden, Differences differences)
    {
        if (golden.Has("model.gguf"))
        {
            // Alone, so that nothing beside it can help.
            using var alone = Copy.Of(golden, "model.gguf");
            differences.Variant = "model.gguf";
            VerifyTokenizer(golden, Path.Combine(alone.Folder, "model.gguf"), differences);
            yield return Checkpoint.Open(Path.Combine(alone.Folder, "model.gguf"), float32);
        }
        differences.Variant = "";
        yield return Checkpoint.Open(golden.Folder, float32);
        if (!golden.Has("config-v4.json")) yield break;
        using var old = Copy.Of(golden, [.. Directory.GetFiles(golden.Folder, "model*").Select(f => Path.GetFileName(f))]);
        File.Copy(golden.PathOf("config-v4.json"), Path.Combine(old.Folder, "config.json"));
        differences.Variant = "config-v4.json";
        yield return Checkpoint.Open(old.Folder, float32);
    }

    /// <summary>The file's own tokenizer gives the ids that the golden lists.</summary>
    static void VerifyTokenizer(Golden golden, string path, Differences differences)
    {
        using var file = new GgufFile(path);
        var tokenizer = Tokenizer.FromGguf(GgufVocabulary.Read(file));
        foreach (var (text, ids) in golden["text"]!.AsArray().Zip(golden["token_ids"]!.AsArray()))
        {
            int[] expected = [.. ids!.AsArray().Select(id => (int)id!)];
            differences.Compare<int>($"token_ids of \"{text}\"", tokenizer.EncodeIds((string)text!), expected);
            differences.Compare($"text of token_ids of \"{text}\"", tokenizer.Decode(expected), (string)text!);
        }
    }

    sealed class Case(Golden golden, Differences differences, Checkpoint checkpoint)
    {
        readonly IDecoder model = Architectures.Decoder(checkpoint);
        readonly GoldenTensors inputs = new(golden.Tensors("inputs.safetensors"));
        readonly GoldenTensors expected = new(golden.Tensors("expected.safetensors"));
        readonly GoldenTensors? compared = golden.Has("compared.safetensors") ? new(golden.Tensors("compared.safetensors")) : null;
        readonly HashSet<string> seen = [];

        public void Run()
        {
            using var scope = NewDisposeScope();
            Forward();
            Steps();
            if (expected.Has("generated")) Compare("generated", Generate(count: NewTokens("generated"), end: null));
            if (expected.Has("generated_eos"))
            {
                var end = expected["generated_eos.eos_token_id"].item<long>();
                seen.Add("generated_eos.eos_token_id");
                Compare("generated_eos", Generate(NewTokens("generated_eos"), end));
            }
            foreach (var name in expected.Names.Where(name => !seen.Contains(name)))
                differences.Note(name, "is expected, and was not computed");
        }

        void Forward()
        {
            var ids = inputs["input_ids"];
            var states = new List<Tensor>();
            // The reference's forward counts padding in positions, where they are not given.
            var logits = model.Logits(model.Hidden(ids, new Pass
            {
                Present = inputs.Find("attention_mask"),
                Positions = inputs.Find("position_ids") ?? arange(ids.size(1)).unsqueeze(0),
                States = states,
            }));
            Compare("logits", logits);
            foreach (var (i, state) in states.Index()) Compare($"hidden_states.{i}", state);
            if (inputs.Find("labels") is not { } labels) return;

            var loss = F.cross_entropy(logits[.., ..^1].flatten(0, 1), labels[.., 1..].flatten(), ignore_index: -100);
            Compare("loss", loss);
            if (!expected.Names.Any(name => name.StartsWith("grad.", StringComparison.Ordinal))) return;
            loss.backward();
            foreach (var (name, parameter) in checkpoint.Parameters)
                if (parameter.grad is { } gradient) Compare($"grad.{name}", gradient);
        }

        /// <summary>The first columns at once, then one at a time, each against the last position's logits.</summary>
        void Steps()
        {
            using var _ = no_grad();
            using var cache = new DecodingCache();
            var ids = inputs["input_ids"];
            var at = 0L;
            foreach (var i in expected.Names.Where(name => name.StartsWith("logits_step.", StringComparison.Ordinal))
                .Select(name => long.Parse(name["logits_step.".Length..])).Order())
            {
                var present = inputs.Find("attention_mask")?.narrow(1, 0, i + 1);
                var hidden = model.Hidden(ids.narrow(1, at, i + 1 - at), new Pass { Present = present, Cache = cache });
                var last = hidden.select(1, hidden.size(1) - 1);                                    // [B, D]
                Compare($"logits_step.{i}", model.Logits(last), present?.narrow(1, i, 1));
                at = i + 1;
            }
        }

        int NewTokens(string name) =>
            (int)(expected[name].size(1) - (inputs.Find("generate.input_ids") ?? inputs["input_ids"]).size(1));

        /// <summary>The likeliest token each time, through the cache; a row that has ended goes on with padding.</summary>
        Tensor Generate(int count, long? end)
        {
            using var _ = no_grad();
            using var cache = new DecodingCache();
            var next = inputs.Find("generate.input_ids") ?? inputs["input_ids"];
            var present = inputs.Find("generate.attention_mask") ?? ones_like(next);
            var all = next;
            var running = ones(next.size(0), 1, dtype: int64);
            for (var i = 0; i < count; i++)
            {
                var hidden = model.Hidden(next, new Pass { Present = present, Cache = cache });     // [B, T, D]
                next = model.Logits(hidden.narrow(1, hidden.size(1) - 1, 1)).argmax(-1) * running;  // [B, 1], 0 pads
                if (end is { } last) running = running * next.ne(last).to_type(int64);
                all = cat([all, next], 1);
                present = cat([present, ones_like(next)], 1);
            }
            return all;
        }

        void Compare(string name, Tensor found, Tensor? mask = null)
        {
            if (!expected.Has(name)) return;
            seen.Add(name);
            differences.Compare(name, found, expected[name], compared?.Find(name) ?? mask);
        }
    }
}
