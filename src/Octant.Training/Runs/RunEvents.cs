using Octant.Training.Monitoring;

namespace Octant.Training.Runs;

/// <summary>What a run tells while it goes on.</summary>
public abstract record RunEvent;

/// <summary>It is busy with something before the first step.</summary>
/// <param name="What">it does</param>
public sealed record Preparing(string What) : RunEvent;

/// <summary>The first step comes next.</summary>
/// <param name="Facts">what is trained on what, by name</param>
/// <param name="Earlier">the steps that were made before; none of a new run</param>
/// <param name="Steps">how many there will be in all</param>
public sealed record Began(IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<Measurement> Earlier, int Steps) : RunEvent;

/// <summary>A step was made.</summary>
/// <param name="Measurement">what it showed; the loss on what was kept back where that was measured</param>
/// <param name="Steps">how many there will be in all</param>
/// <param name="Left">how long those to come may take</param>
public sealed record Stepped(Measurement Measurement, int Steps, TimeSpan Left) : RunEvent;

/// <summary>The model wrote something.</summary>
/// <param name="Sample">prompt and text</param>
public sealed record Sampled(Sample Sample) : RunEvent;

/// <summary>A checkpoint is safe.</summary>
/// <param name="Step">of it</param>
/// <param name="Folder">where it lies</param>
public sealed record Saved(int Step, string Folder) : RunEvent;

/// <summary>Something that the user should know.</summary>
/// <param name="Message">in words</param>
public sealed record Warned(string Message) : RunEvent;

/// <summary>A text that the model wrote on the way.</summary>
/// <param name="Step">after which</param>
/// <param name="Prompt">what it went on from</param>
/// <param name="Text">what it wrote</param>
public sealed record Sample(int Step, string Prompt, string Text);

/// <summary>Why a run ended.</summary>
public enum RunEnd
{
    /// <summary>All steps were made.</summary>
    Finished,

    /// <summary>The loss on what was kept back no longer fell.</summary>
    NoLongerBetter,

    /// <summary>It was asked to stop, and can go on.</summary>
    Interrupted,

    /// <summary>The loss or the weights were no longer finite.</summary>
    Diverged,
}

/// <summary>What a run came to.</summary>
/// <param name="End">why it ended</param>
/// <param name="Step">how many steps were made</param>
/// <param name="Folder">where everything lies</param>
/// <param name="Loss">of the last step, in nats a token</param>
/// <param name="BestStep">the step whose weights are the result</param>
/// <param name="BestLoss">the loss on what was kept back, of those; null where nothing was measured</param>
/// <param name="BitsPerByte">the same by the bytes of the text</param>
public sealed record RunResult(
    RunEnd End, int Step, string Folder, double? Loss, int? BestStep, double? BestLoss, double? BitsPerByte);
