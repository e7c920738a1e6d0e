namespace Octant.Tokenizers.Training;

/// <summary>What a trainer of tokenizers is busy with.</summary>
public enum TrainingStage
{
    /// <summary>Texts are cut into words, which are counted; the unit is a character (UTF-16).</summary>
    CountingWords,

    /// <summary>Pairs become tokens; the unit is a token.</summary>
    MergingPairs,

    /// <summary>Pieces that cost little are taken away; the unit is a piece that is left.</summary>
    PruningPieces,
}

/// <summary>How far a trainer is.</summary>
/// <param name="Stage">what it does</param>
/// <param name="Done">how much of it is done, in the stage's unit</param>
/// <param name="Total">how much there is at most; null where nobody knows: texts come one by one</param>
public readonly record struct TrainingProgress(TrainingStage Stage, long Done, long? Total);
