using static TorchSharp.torch;

namespace Goldens;

/// <summary>Collects what differs from the reference, so that one failure lists everything that is wrong.</summary>
public sealed class Differences(Golden golden)
{
    readonly List<string> found = [];
    int compared;

    /// <summary>Whatever was compared next belongs to this variant of the golden, and says so.</summary>
    public string Variant { get; set; } = "";

    /// <summary>
    /// Compares every element with the golden's own tolerance. Its own overload, since one with optional parameters would lose
    /// to the generic one.
    /// </summary>
    public void Compare(string name, Tensor actual, Tensor expected) => Compare(name, actual, expected, mask: null);

    /// <summary>Compares with the tolerance of the golden: |found - expected| ≤ tolerance · max(1, largest |expected|).</summary>
    /// <param name="name">what the reference calls it</param>
    /// <param name="actual">what we computed</param>
    /// <param name="expected">what the reference computed; integers must be equal</param>
    /// <param name="mask">broadcasts over the tensor: only elements under a one are compared</param>
    /// <param name="tolerance">another than the golden's own</param>
    public void Compare(string name, Tensor actual, Tensor expected, Tensor? mask, double? tolerance = null)
    {
        compared++;
        using var scope = NewDisposeScope();
        if (!actual.shape.SequenceEqual(expected.shape))
        {
            Note(name, $"is [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
            return;
        }
        if (expected.numel() == 0) return;
        var (a, e) = (actual.detach().to_type(float64), expected.detach().to_type(float64));
        if (mask is not null)
        {
            var keep = mask.to_type(ScalarType.Bool).expand(e.shape);
            (a, e) = (where(keep, a, zeros_like(a)), where(keep, e, zeros_like(e)));
        }
        // Equal infinities and NaN in the same places are no difference.
        var same = a.eq(e).logical_or(a.isnan().logical_and(e.isnan()));
        var difference = where(same, zeros_like(a), (a - e).abs().nan_to_num(double.MaxValue, double.MaxValue)).flatten();
        var magnitude = where(e.isfinite(), e, zeros_like(e)).abs().max().item<double>();
        var allowed = expected.is_floating_point() ? (tolerance ?? golden.Tolerance) * Math.Max(1, magnitude) : 0;
        var worst = difference.max().item<double>();
        if (worst > allowed)
            Note(name, $"differs by {worst:E2} at {Place(difference.argmax().item<long>(), expected.shape)}, allowed {allowed:E2}");
    }

    /// <summary>Compares anything that has an equality of its own.</summary>
    public void Compare<T>(string name, T actual, T expected)
    {
        compared++;
        if (!EqualityComparer<T>.Default.Equals(actual, expected)) Note(name, $"is {Short(actual)}, expected {Short(expected)}");
    }

    /// <summary>Compares element by element.</summary>
    public void Compare<T>(string name, IReadOnlyList<T> actual, IReadOnlyList<T> expected)
    {
        compared++;
        var at = Enumerable.Range(0, Math.Min(actual.Count, expected.Count))
            .FirstOrDefault(i => !EqualityComparer<T>.Default.Equals(actual[i], expected[i]), -1);
        if (at >= 0) Note(name, $"[{at}] is {Short(actual[at])}, expected {Short(expected[at])}");
        else if (actual.Count != expected.Count) Note(name, $"has {actual.Count} elements, expected {expected.Count}");
    }

    /// <summary>Something that no comparison of values says.</summary>
    public void Note(string name, string what) =>
        found.Add(Variant.Length == 0 ? $"{name} {what}" : $"{Variant}: {name} {what}");

    /// <summary>Fails the test with all that differs, and when nothing was compared at all.</summary>
    public void ThrowIfAny()
    {
        if (compared == 0) Assert.Fail($"{golden.Folder}: nothing was compared");
        if (found.Count > 0) Assert.Fail($"{golden.Folder}: {found.Count} of {compared} differ\n  {string.Join("\n  ", found)}");
    }

    static string Place(long flat, long[] shape)
    {
        var index = new long[shape.Length];
        for (var d = shape.Length - 1; d >= 0; d--) (flat, index[d]) = Math.DivRem(flat, shape[d]);
        return $"[{string.Join(", ", index)}]";
    }

    static string Short<T>(T value) => value?.ToString() is { } text ? text.Length > 200 ? $"{text[..200]}..." : text : "null";
}
