using CsCheck;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>What must hold for every decoder, whatever the weights and the tokens.</summary>
public sealed class DecoderProperties
{
    const double Tolerance = 2e-4;

    static readonly Gen<(int Seed, long[] Ids)> Texts = Gen.Select(Gen.Int[1, 1000], Gen.Long[0, 28].Array[2, 24]);

    public static TheoryData<string> Models => TinyModels.All;

    [Theory, MemberData(nameof(Models))]
    public void Cached_decoding_equals_uncached(string modelType) =>
        Texts.Sample((seed, ids) => WithModel(modelType, seed, model =>
        {
            using var cache = new DecodingCache();
            var steps = ids.Select(id => Logits(model, tensor([id]).unsqueeze(0), new Pass { Cache = cache }));
            return Distance(cat([.. steps], 1), Logits(model, tensor(ids).unsqueeze(0), new Pass())) < Tolerance;
        }), iter: 12);

    [Theory, MemberData(nameof(Models))]
    public void Prefill_in_chunks_equals_prefill_at_once(string modelType) =>
        Gen.Select(Texts, Gen.Int[1, 9]).Sample((text, chunk) => WithModel(modelType, text.Seed, model =>
        {
            using var cache = new DecodingCache();
            var parts = text.Ids.Chunk(chunk).Select(ids => Logits(model, tensor(ids).unsqueeze(0), new Pass { Cache = cache }));
            return Distance(cat([.. parts], 1), Logits(model, tensor(text.Ids).unsqueeze(0), new Pass())) < Tolerance;
        }), iter: 12);

    [Theory, MemberData(nameof(Models))]
    public void A_left_padded_batch_equals_its_rows(string modelType) =>
        Gen.Select(Texts, Texts).Sample((one, other) => WithModel(modelType, one.Seed, model =>
        {
            var width = Math.Max(one.Ids.Length, other.Ids.Length);
            long[][] rows = [one.Ids, other.Ids];
            var ids = stack(rows.Select(row => tensor([.. new long[width - row.Length], .. row])));
            var present = stack(rows.Select(row => cat([zeros(width - row.Length, int64), ones(row.Length, int64)])));
            var batch = Logits(model, ids, new Pass { Present = present });
            return rows.Index().All(row => Distance(
                batch[row.Index].narrow(0, width - row.Item.Length, row.Item.Length).unsqueeze(0),
                Logits(model, tensor(row.Item).unsqueeze(0), new Pass())) < Tolerance);
        }), iter: 12);

    [Theory, MemberData(nameof(Models))]
    public void Explicit_positions_decode_the_same_with_and_without_a_cache(string modelType) =>
        Gen.Select(Texts, Gen.Int[0, 30]).Sample((text, start) => WithModel(modelType, text.Seed, model =>
        {
            var positions = arange(start, start + text.Ids.Length).unsqueeze(0);
            using var cache = new DecodingCache();
            var steps = text.Ids.Select((id, i) =>
                Logits(model, tensor([id]).unsqueeze(0), new Pass { Cache = cache, Positions = positions.narrow(1, i, 1) }));
            var whole = Logits(model, tensor(text.Ids).unsqueeze(0), new Pass { Positions = positions });
            return Distance(cat([.. steps], 1), whole) < Tolerance;
        }), iter: 12);

    [Theory, MemberData(nameof(Models))]
    public void Sequences_side_by_side_equal_each_alone(string modelType) =>
        Gen.Select(Texts, Texts, Texts).Sample((a, b, c) => WithModel(modelType, a.Seed, model =>
        {
            long[][] texts = [a.Ids, b.Ids, c.Ids];
            using DecodingCache first = new(), second = new(), third = new();
            DecodingCache[] caches = [first, second, third];
            // All but the last token at once, then the last ones, so that the second pass meets caches of different lengths.
            foreach (var part in new[] { Range.EndAt(^1), Range.StartAt(^1) })
            {
                var pieces = texts.Select(ids => ids[part]).ToArray();
                var row = Logits(model, tensor(pieces.SelectMany(ids => ids).ToArray()).unsqueeze(0), new Pass
                {
                    Segments = [.. pieces.Select((ids, i) => new Segment(ids.Length, caches[i]))],
                });
                var at = 0L;
                foreach (var (i, ids) in pieces.Index())
                {
                    var alone = Logits(model, tensor(texts[i]).unsqueeze(0), new Pass());
                    var expected = part.Equals(Range.StartAt(^1)) ? alone.narrow(1, texts[i].Length - 1, 1) : alone.narrow(1, 0, ids.Length);
                    if (Distance(row.narrow(1, at, ids.Length), expected) >= Tolerance) return false;
                    at += ids.Length;
                }
            }
            return true;
        }), iter: 8);

    [Theory, MemberData(nameof(Models))]
    public void A_truncated_or_forked_cache_goes_on_as_if_nothing_had_followed(string modelType) =>
        Gen.Select(Texts, Gen.Int[1, 10]).Sample((text, extra) => WithModel(modelType, text.Seed, model =>
        {
            using var cache = new DecodingCache();
            _ = Logits(model, tensor(text.Ids[..^1]).unsqueeze(0), new Pass { Cache = cache });
            using var fork = cache.Fork();
            _ = Logits(model, full([1, extra], 7L, int64), new Pass { Cache = cache });
            cache.Truncate(text.Ids.Length - 1);
            var expected = Logits(model, tensor(text.Ids).unsqueeze(0), new Pass()).narrow(1, text.Ids.Length - 1, 1);
            return ((DecodingCache[])[cache, fork]).All(each =>
                Distance(Logits(model, tensor(text.Ids[^1..]).unsqueeze(0), new Pass { Cache = each }), expected) < Tolerance);
        }), iter: 8);

    [Theory, MemberData(nameof(Models))]
    public void Finite_differences_show_every_gradient(string modelType)
    {
        using var scope = NewDisposeScope();
        var (checkpoint, model) = TinyModels.Build(modelType, type: float64);
        using var _ = checkpoint;
        random.manual_seed(1);
        var ids = randint(29, [2, 9], int64);
        Tensor Loss() => nn.functional.cross_entropy(
            model.Logits(model.Hidden(ids, new Pass()))[.., ..^1].flatten(0, 1), ids[.., 1..].flatten());

        Loss().backward();
        foreach (var (name, parameter) in checkpoint.Parameters)
        {
            using var each = NewDisposeScope();
            // Along one random direction, the slope of the loss is the gradient's part in that direction.
            var direction = randn_like(parameter);
            var slope = (parameter.grad! * direction).sum().item<double>();
            const double step = 1e-5;
            double At(double distance)
            {
                using var quiet = no_grad();
                parameter.add_(direction * distance);
                var loss = Loss().item<double>();
                parameter.sub_(direction * distance);
                return loss;
            }
            Assert.True(Math.Abs((At(step) - At(-step)) / (2 * step) - slope) < 1e-6 + 1e-4 * Math.Abs(slope), name);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void Bfloat16_activations_on_float32_weights_stay_close_and_reach_float32_gradients(string modelType)
    {
        using var scope = NewDisposeScope();
        var (checkpoint, model) = TinyModels.Build(modelType, range: 0.1);
        using var _ = checkpoint;
        var ids = arange(20, int64).unsqueeze(0);
        var exact = model.Logits(model.Hidden(ids, new Pass()));
        var mixed = model.Logits(model.Hidden(ids, new Pass { Type = bfloat16 }));
        Assert.Equal(bfloat16, mixed.dtype);
        Assert.True(Distance(mixed.to_type(float32), exact) < 0.05 * exact.abs().max().item<float>());
        mixed.to_type(float32).square().mean().backward();
        Assert.All(checkpoint.Parameters.Values, parameter => Assert.Equal(float32, parameter.grad!.dtype));
    }

    static Tensor Logits(IDecoder model, Tensor ids, Pass pass) => model.Logits(model.Hidden(ids, pass));

    static double Distance(Tensor a, Tensor b) => (a - b).abs().max().item<float>() / Math.Max(1, b.abs().max().item<float>());

    static bool WithModel(string modelType, int seed, Func<IDecoder, bool> holds)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (checkpoint, model) = TinyModels.Build(modelType, seed);
        using (checkpoint) return holds(model);
    }
}
