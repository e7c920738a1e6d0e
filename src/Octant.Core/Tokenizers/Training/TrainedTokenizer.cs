using Octant.Formats;

namespace Octant.Tokenizers.Training;

/// <summary>A tokenizer that was made here.</summary>
/// <param name="Tokenizer">it itself</param>
/// <param name="Json">its tokenizer.json, which Hugging Face's libraries load</param>
public sealed record TrainedTokenizer(Tokenizer Tokenizer, string Json)
{
    /// <summary>Writes tokenizer.json and tokenizer_config.json, beside and renamed together.</summary>
    /// <param name="folder">exists, or is made</param>
    /// <param name="config">which tokens play which part, and for what length</param>
    /// <exception cref="TokenizerException">a token that plays a part is none of the vocabulary</exception>
    /// <exception cref="CheckpointException">the files cannot be written</exception>
    public void Save(string folder, TokenizerConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(config);
        var configuration = config.ToJson(Tokenizer);
        Drafts.Guard(folder, () => Directory.CreateDirectory(folder));
        using var drafts = new Drafts();
        drafts.Write(Path.Combine(folder, "tokenizer.json"), Json);
        drafts.Write(Path.Combine(folder, "tokenizer_config.json"), configuration);
        drafts.Commit();
    }
}
