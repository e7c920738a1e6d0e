using Octant.Chat;
using Octant.Data;
using Octant.Data.Cleaning;
using Octant.Data.Dialogues;
using Octant.Data.Reading;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>The documents that a recipe names: those to learn from, and those kept back. Read anew each time, never all in memory.</summary>
sealed class Corpus
{
    readonly RecipeFile file;
    readonly DataRecipe recipe;
    readonly IReadOnlyList<string> texts;
    readonly IReadOnlyList<string>? keptBack;
    readonly Lazy<long> characters;

    /// <param name="file">names them</param>
    /// <param name="standardInput">where standard input is kept, so that it can be read again</param>
    /// <param name="cancellation">ends the wait for it</param>
    public Corpus(RecipeFile file, string standardInput, CancellationToken cancellation)
    {
        (this.file, recipe) = (file, file.Recipe.Data);
        var reads = recipe.Text.Concat(recipe.ValidationText ?? []).Contains(Sources.StandardInput);
        if (reads && !File.Exists(standardInput)) Keep(standardInput, cancellation);
        texts = [.. recipe.Text.Select(place => Resolve("data.text", place, standardInput))];
        keptBack = recipe.ValidationText is { } names ? [.. names.Select(place => Resolve("data.validation_text", place, standardInput))] : null;
        characters = new(() => Read(texts).Sum(document => (long)document.Text.Length));
    }

    /// <summary>Whether anything is kept back.</summary>
    public bool KeepsBack => keptBack is not null || recipe.Validation > 0;

    /// <summary>What is learnt from: the text, and its dialogues where they are wanted.</summary>
    public IEnumerable<Document> Training(ChatTemplate? template) =>
        recipe.Dialogues ? Learnt.Concat(Dialogues(template!)) : Learnt;

    /// <summary>What is measured on.</summary>
    public IEnumerable<Document> Validation =>
        keptBack is not null ? Read(keptBack) : Part(from: Cut, to: characters.Value);

    /// <summary>Everything: a tokenizer of characters knows those that are kept back, too.</summary>
    public IEnumerable<Document> All => keptBack is null ? Read(texts) : Read(texts).Concat(Read(keptBack));

    /// <summary>The text to learn from.</summary>
    public IEnumerable<Document> Learnt => keptBack is not null || recipe.Validation == 0 ? Read(texts) : Part(from: 0, to: Cut);

    long Cut => (long)(characters.Value * (1 - recipe.Validation));

    /// <summary>Sizes and times of all files: as long as they are the same, so are the texts.</summary>
    /// <exception cref="DatasetException">one is gone</exception>
    public IReadOnlyList<string> Stamps() => [.. texts.Concat(keptBack ?? []).SelectMany(Files)
        .Select(path => new FileInfo(path)).Select(found => $"{found.FullName} {found.Length} {found.LastWriteTimeUtc:O}")];

    static IEnumerable<string> Files(string place) =>
        Directory.Exists(place) ? Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : File.Exists(place) ? [place]
        : throw new DatasetException($"There is no text at {place}: it is neither a file nor a folder.");

    IEnumerable<Document> Dialogues(ChatTemplate template) =>
        Learnt.SelectMany(play => Conversations.Render(Conversations.Of(Plays.Speeches(play.Text)), template, play.Origin));

    IEnumerable<Document> Read(IReadOnlyList<string> places)
    {
        var documents = Sources.Open(places, new(recipe.Format, recipe.Field, recipe.Separator, Invalid: recipe.Invalid));
        if (recipe.Clean is { } cleaning) documents = cleaning.Apply(documents);
        return recipe.Duplicates switch
        {
            Duplicates.Exact => Deduplication.WithoutExact(documents),
            Duplicates.Near => Deduplication.WithoutNear(documents),
            _ => documents,
        };
    }

    /// <summary>The documents between two places of all text, counted in characters; one that lies across a place is cut there.</summary>
    IEnumerable<Document> Part(long from, long to)
    {
        var at = 0L;
        foreach (var document in Read(texts))
        {
            var (start, end) = (Inside(document.Text, from - at), Inside(document.Text, to - at));
            at += document.Text.Length;
            if (end > start) yield return end - start == document.Text.Length ? document : document with { Text = document.Text[start..end] };
            if (at >= to) yield break;
        }
    }

    /// <summary>A place within a text that parts no character in two.</summary>
    static int Inside(string text, long place)
    {
        var at = (int)Math.Clamp(place, 0, text.Length);
        return at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at + 1 : at;
    }

    string Resolve(string key, string place, string standardInput) =>
        place == Sources.StandardInput ? standardInput : file.Resolve(key, place);

    static void Keep(string path, CancellationToken cancellation)
    {
        using var drafts = new Formats.Drafts();
        using var input = Console.OpenStandardInput();
        // A read of the terminal hears of no token: it is left behind.
        drafts.Write(path, stream => Task.Run(() => input.CopyTo(stream), cancellation).WaitAsync(cancellation).GetAwaiter().GetResult());
        drafts.Commit();
    }
}
