namespace Octant.Training.Monitoring;

/// <summary>What one step of a run showed.</summary>
/// <param name="Step">the first is 1</param>
/// <param name="Loss">what is minimised, a token of the step's own batch</param>
/// <param name="LearningRate">that the step was taken with</param>
/// <param name="GradientNorm">of all parameters together, before clipping</param>
/// <param name="TokensPerSecond">trained on</param>
/// <param name="ValidationLoss">cross-entropy a token of held-out text, in nats; null where it was not evaluated</param>
/// <param name="Tokens">trained on since the first step</param>
/// <param name="Seconds">trained for since the first step</param>
/// <param name="Refused">whether the gradient was not finite, so that nothing was changed</param>
public sealed record Measurement(
    long Step,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double TokensPerSecond,
    double? ValidationLoss = null,
    long Tokens = 0,
    double Seconds = 0,
    bool Refused = false);
