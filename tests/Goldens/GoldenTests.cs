using Goldens.Kinds;
using Octant.Testing;

namespace Goldens;

/// <summary>
/// One test of every folder with a golden.json below the paths in OCTANT_GOLDENS: by default the small ones that the project
/// carries, and ../shared/goldens where that exists.
/// </summary>
public sealed class GoldenTests
{
    /// <summary>How each kind is verified; one file a kind, under Kinds/.</summary>
    static readonly Dictionary<string, Action<Golden, Differences>> Kinds = new()
    {
        ["causal-lm"] = CausalLanguageModels.Verify,
        ["chat-template"] = ChatTemplates.Verify,
        ["format"] = Formats.Verify,
        ["loss"] = Losses.Verify,
        ["optimizer"] = Optimizers.Verify,
        ["quantization"] = Quantization.Verify,
        ["sampling"] = Sampling.Verify,
        ["schedule"] = LearningRates.Verify,
        ["constraint"] = Constraints.Verify,
        ["tokenizer"] = Tokenizers.Verify,
        ["tokenizer-training"] = TokenizerTraining.Verify,
        ["training"] = TrainingRuns.Verify,
    };

    public static IEnumerable<TheoryDataRow<string>> Folders() =>
        from place in Places()
        where Directory.Exists(place)
        from file in Directory.EnumerateFiles(place, "golden.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let folder = Path.GetDirectoryName(Path.GetFullPath(file))!
        where new Golden(folder).Expects
        select new TheoryDataRow<string>(folder) { Label = Path.GetFileName(folder) };

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Folders))]
    public void Reproduces(string folder)
    {
        var golden = new Golden(folder);
        if (!Kinds.TryGetValue(golden.Kind, out var verify))
        {
            Assert.Skip($"{golden.Kind}: not here yet");
            return;
        }
        var differences = new Differences(golden);
        verify(golden, differences);
        differences.ThrowIfAny();
    }

    static string[] Places()
    {
        if (Environment.GetEnvironmentVariable("OCTANT_GOLDENS") is { Length: > 0 } named)
            return named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [Path.Combine(Repository.Root, "tests/Goldens/carried"), Path.Combine(Repository.Root, "../shared/goldens")];
    }
}
