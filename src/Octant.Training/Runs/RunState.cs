using System.Text.Json;
using System.Text.Json.Serialization;
using Octant.Data.Batching;
using Octant.Models;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>
/// All that a run is beside tensors. Random numbers need no state: those of a step are drawn from the seed and its number, those of the
/// data from the seed and the cursor.
/// </summary>
/// <param name="Step">how many were made</param>
/// <param name="Epoch">of the data's cursor</param>
/// <param name="Position">of the data's cursor</param>
/// <param name="Tokens">that counted so far</param>
/// <param name="Refused">steps so far whose gradient was not finite</param>
/// <param name="RefusedInARow">of them, those at the end</param>
/// <param name="Loss">of the last step</param>
/// <param name="ValidationLoss">measured at this step; null where it was not</param>
/// <param name="BestLoss">the least so far of what was kept back</param>
/// <param name="BestStep">where that was</param>
/// <param name="Worse">evaluations since</param>
/// <param name="Seconds">of training so far</param>
/// <param name="NumberType">what is computed in</param>
/// <param name="Threads">that compute</param>
/// <param name="Processor">that computes</param>
/// <param name="TrainingText">fingerprint of the documents</param>
/// <param name="ValidationText">the same of those kept back</param>
sealed record RunState(
    int Step, long Epoch, long Position, long Tokens, long Refused, int RefusedInARow, double? Loss, double? ValidationLoss,
    double? BestLoss, int? BestStep, int Worse, double Seconds, string NumberType, int Threads, string Processor, string TrainingText,
    string? ValidationText)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>
    /// The last step whose weights are known to be sound, since the step after it had a finite loss; those that were made by the last
    /// of these may be finite and too large all the same.
    /// </summary>
    [JsonIgnore]
    public int LastSound => Step - RefusedInARow - 1;

    /// <summary>Where the data stand.</summary>
    public BatchCursor Cursor() => new(Epoch, Position);

    /// <summary>The beginning of a run.</summary>
    public static RunState New(TrainingRecipe training, TokenizedCorpus corpus) => new(
        0, 0, 0, 0, 0, 0, null, null, null, null, 0, 0, NumberTypeOf(training), Engine.Threads, Engine.Processor,
        corpus.Training.DocumentsFingerprint, corpus.Validation?.DocumentsFingerprint);

    /// <summary>One step further.</summary>
    public RunState After(StepResult made, BatchCursor cursor, double seconds) => this with
    {
        Step = Step + 1,
        Epoch = cursor.Epoch,
        Position = cursor.Position,
        Tokens = Tokens + made.Tokens,
        Refused = Refused + (made.Refused ? 1 : 0),
        RefusedInARow = made.Refused ? RefusedInARow + 1 : 0,
        Loss = double.IsFinite(made.Loss) ? made.Loss : null,
        ValidationLoss = null,
        Seconds = Seconds + seconds,
    };

    /// <summary>With the loss on what was kept back.</summary>
    public RunState Measured(double loss)
    {
        var improved = double.IsFinite(loss) && !(loss >= BestLoss);
        return this with
        {
            ValidationLoss = double.IsFinite(loss) ? loss : null,
            BestLoss = improved ? loss : BestLoss,
            BestStep = improved ? Step : BestStep,
            Worse = improved ? 0 : Worse + 1,
        };
    }

    /// <summary>What here is not as it was where the run began, so that it goes on otherwise in the last bits.</summary>
    public IEnumerable<string> Differences(TrainingRecipe training)
    {
        if (Processor != Engine.Processor)
            yield return $"The run began on another processor ({Processor}; this is {Engine.Processor}): " +
                "it goes on, but not bit for bit as it would have there.";
        if (Threads != Engine.Threads)
            yield return $"The run began with {Threads} threads, these are {Engine.Threads}: " +
                "it goes on, but not bit for bit as it would have with those.";
        if (training.Dtype == "auto" && NumberType != NumberTypeOf(training))
            yield return $"The run computes in {NumberType}, as it began; this processor is faster in {NumberTypeOf(training)}.";
    }

    static string NumberTypeOf(TrainingRecipe training) => Models.NumberType.Named(training.Dtype).ToString().ToLowerInvariant();

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="RunException">it is damaged</exception>
    public static RunState Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new RunException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
