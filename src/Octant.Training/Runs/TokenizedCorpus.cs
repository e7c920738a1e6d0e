using System.Text.Json;
using Octant.Chat;
using Octant.Data.Batching;
using Octant.Data.Dialogues;
using Octant.Data.Reading;
using Octant.Formats;
using Octant.Tokenizers;
using Octant.Tokenizers.Training;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>A corpus as tokens, in files of the run's folder, and the tokenizer that made them.</summary>
sealed class TokenizedCorpus : IDisposable
{
    TokenizedCorpus(Tokenizer tokenizer, ChatTemplate? template, TokenFile training, TokenFile? validation) =>
        (Tokenizer, Template, Training, Validation) = (tokenizer, template, training, validation);

    public Tokenizer Tokenizer { get; }
    public ChatTemplate? Template { get; }
    public TokenFile Training { get; }
    public TokenFile? Validation { get; }

    /// <summary>Finds what an earlier start of the run left, or makes it.</summary>
    /// <param name="file">the recipe</param>
    /// <param name="folder">the run's</param>
    /// <param name="last">where the run stands; null at its beginning</param>
    /// <param name="progress">hears what is done</param>
    /// <param name="cancellation">ends it</param>
    /// <exception cref="OctantException">the texts cannot be read, are too short, or are no longer those that the run began with</exception>
    public static TokenizedCorpus Prepare(
        RecipeFile file, RunFolder folder, RunState? last, IProgress<RunEvent>? progress, CancellationToken cancellation)
    {
        if (last is null) Forget(folder);
        var corpus = new Corpus(file, Path.Combine(folder.Data, "standard-input"), cancellation);
        var template = FindTemplate(file);
        var tokenizer = OpenTokenizer(file, corpus, folder, template, progress, cancellation);
        var stamps = corpus.Stamps();
        var opened = IsUnchanged(folder, stamps) ? Open(folder, tokenizer, template, corpus.KeepsBack) : null;
        if (opened is null)
        {
            File.Delete(folder.Sources);                    // as long as it is not there, nothing else counts
            progress?.Report(new Preparing("reading the text"));
            Write(folder.TrainingTokens, corpus.Training(template));
            if (corpus.KeepsBack) Write(folder.ValidationTokens, corpus.Validation);
            using var drafts = new Drafts();
            drafts.Write(folder.Sources, stream => JsonSerializer.Serialize(stream, stamps));
            drafts.Commit();
            opened = Open(folder, tokenizer, template, corpus.KeepsBack) ?? throw new RunException($"What was written to {folder.Data} cannot be read.");
        }
        try
        {
            if (last is not null) opened.RequireSame(last);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        void Write(string path, IEnumerable<Document> documents) => TokenFile.Write(
            path, tokenizer, documents, new(EndOfText(file, tokenizer)), new Counting(progress), cancellation);
    }

    /// <summary>What a start left that came to no checkpoint.</summary>
    static void Forget(RunFolder folder) => Drafts.Guard(folder.Data, () =>
    {
        foreach (var old in Directory.EnumerateFiles(folder.Data).ToList()) File.Delete(old);
        foreach (var name in FolderFiles.Of(folder.Path).Where(FolderFiles.BelongsToTokenizer)) File.Delete(folder.In(name));
    });

    /// <summary>The tokens that lie there; null where one file is missing or damaged: then they are made again.</summary>
    static TokenizedCorpus? Open(RunFolder folder, Tokenizer tokenizer, ChatTemplate? template, bool keepsBack)
    {
        TokenFile? training = null;
        try
        {
            training = new TokenFile(folder.TrainingTokens);
            training.Require(tokenizer);
            return new(tokenizer, template, training, keepsBack ? new(folder.ValidationTokens) : null);
        }
        catch (OctantException)
        {
            training?.Dispose();
            return null;
        }
    }

    /// <summary>The ids that end an answer: the turn's, and the text's.</summary>
    public static IReadOnlyList<int> Ends(RecipeFile file, Tokenizer tokenizer)
    {
        var turn = file.Recipe.Tokenizer?.EndOfTurn ?? (file.Recipe.Data.Dialogues ? DialogueTemplate.End : null);
        var ends = new List<int>();
        if (turn is not null) ends.Add(Special(file, tokenizer, "tokenizer.end_of_turn", turn));
        if (EndOfText(file, tokenizer) is { } text) ends.Add(text);
        return ends;
    }

    /// <summary>The token behind each document; null for none.</summary>
    public static int? EndOfText(RecipeFile file, Tokenizer tokenizer)
    {
        var recipe = file.Recipe.Tokenizer;
        if (recipe?.EndOfText is { } named) return Special(file, tokenizer, "tokenizer.end_of_text", named);
        return From(file) is not null ? tokenizer.SpecialTokens.Eos : tokenizer.IdOf(ByteLevelBpeOptions.EndOfText);
    }

    static int Special(RecipeFile file, Tokenizer tokenizer, string key, string token) =>
        tokenizer.IdOf(token) is { } id && tokenizer.IsSpecial(id) ? id
            : throw file.Wrong(key, $"is {token}, which is no special token of the vocabulary: name it in tokenizer.special_tokens.");

    /// <summary>A tokenizer that was there before, and where.</summary>
    static (string Key, string Place)? From(RecipeFile file) =>
        file.Recipe.Tokenizer?.From is { } from ? ("tokenizer.from", file.Resolve("tokenizer.from", from))
        : file.Recipe.Model?.From is { } model ? ("model.from", file.Resolve("model.from", model))
        : null;

    static ChatTemplate? FindTemplate(RecipeFile file)
    {
        if (file.Recipe.Result?.ChatTemplate is { } named)
        {
            var path = file.Resolve("result.chat_template", named);
            try
            {
                return new ChatTemplate(File.ReadAllText(path));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw file.Wrong("result.chat_template", $"cannot be read: {e.Message}", e);
            }
        }
        if (file.Recipe.Data.Dialogues) return new ChatTemplate(DialogueTemplate.Source);
        return From(file) is { Place: var place } && Directory.Exists(place) ? ChatTemplate.Find(place) : null;
    }

    static Tokenizer OpenTokenizer(
        RecipeFile file, Corpus corpus, RunFolder folder, ChatTemplate? template, IProgress<RunEvent>? progress,
        CancellationToken cancellation)
    {
        if (File.Exists(folder.In("tokenizer.json")) && File.Exists(folder.In("tokenizer_config.json"))) return OpenOwn(folder);
        if (From(file) is var (key, place))
        {
            Copy(file, key, place, folder, template);
            return OpenOwn(folder);
        }

        var recipe = file.Recipe.Tokenizer ?? new();
        progress?.Report(new Preparing("making the tokenizer"));
        var trained = Make(file, recipe, corpus, cancellation);
        var ends = Ends(file, trained.Tokenizer);
        var eos = ends.Count > 0 ? trained.Tokenizer.TokenOf(ends[0]) : null;
        trained.Save(folder.Path, new(
            Eos: eos, Pad: EndOfText(file, trained.Tokenizer) is { } end ? trained.Tokenizer.TokenOf(end) : eos,
            Unk: recipe.Kind == TokenizerKind.Characters ? "<unk>" : null,
            ModelMaxLength: file.Recipe.Model?.Context ?? file.Recipe.Training.Block,
            ChatTemplate: template?.Sources.Values.FirstOrDefault()));
        return Tokenizer.Open(folder.Path);
    }

    static Tokenizer OpenOwn(RunFolder folder)
    {
        try
        {
            return Tokenizer.Open(folder.Path);
        }
        catch (OctantException e)
        {
            throw new RunException($"The run's tokenizer is damaged: {e.Message} Remove {folder.In("tokenizer.json")}: it is made again.", e);
        }
    }

    static TrainedTokenizer Make(RecipeFile file, TokenizerRecipe recipe, Corpus corpus, CancellationToken cancellation)
    {
        IEnumerable<string> special = recipe.SpecialTokens ?? [];
        if (file.Recipe.Data.Dialogues) special = special.Concat(DialogueTemplate.SpecialTokens);
        if (recipe.Kind == TokenizerKind.Bpe && recipe.EndOfText is null) special = special.Prepend(ByteLevelBpeOptions.EndOfText);
        string[] all = [.. special.Distinct(StringComparer.Ordinal)];
        try
        {
            return recipe.Kind switch
            {
                TokenizerKind.Characters => PlainTokenizers.Characters(corpus.All.Select(document => document.Text), all),
                TokenizerKind.Bytes => PlainTokenizers.Bytes(all),
                _ => new ByteLevelBpeTrainer(new(recipe.Vocabulary, SpecialTokens: all))
                    .Train(corpus.Learnt.Select(document => document.Text), progress: null, cancellation),
            };
        }
        catch (TokenizerException e)
        {
            throw file.Wrong(recipe.Kind == TokenizerKind.Bpe ? "tokenizer.vocabulary" : "tokenizer", $"makes no tokenizer. {e.Message}", e);
        }
    }

    static void Copy(RecipeFile file, string key, string place, RunFolder folder, ChatTemplate? template)
    {
        if (place.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            throw file.Wrong(key, $"is {place}, a GGUF file, of whose vocabulary no tokenizer.json can be made: name a folder in the Hugging Face layout.");
        if (!Path.Exists(place)) throw file.Wrong(key, $"is {place}, where there is no tokenizer.json: name a folder that has one.");
        var source = Directory.Exists(place) ? place : Path.GetDirectoryName(place)!;
        if (!File.Exists(Path.Combine(source, "tokenizer.json")))
            throw file.Wrong(key, $"is {place}, where there is no tokenizer.json: name a folder that has one.");
        using var drafts = new Drafts();
        // A template of the recipe's own overrules those that were there: its file comes before tokenizer_config.json.
        var overrules = file.Recipe.Result?.ChatTemplate is not null;
        FolderFiles.Copy(source, folder.Path, drafts, name => FolderFiles.BelongsToTokenizer(name) && !(overrules && name.EndsWith(".jinja", StringComparison.Ordinal)));
        if (overrules) drafts.Write(folder.In("chat_template.jinja"), template!.Sources.Values.First());
        drafts.Commit();
    }

    /// <summary>Whether tokens were made of the texts as they are.</summary>
    static bool IsUnchanged(RunFolder folder, IReadOnlyList<string> stamps)
    {
        try
        {
            return File.Exists(folder.Sources) && JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(folder.Sources))?.SequenceEqual(stamps) == true;
        }
        catch (JsonException)
        {
            return false;                                   // then they are made again
        }
    }

    void RequireSame(RunState last)
    {
        if (Training.DocumentsFingerprint != last.TrainingText || Validation?.DocumentsFingerprint != last.ValidationText)
            throw new RunException(
                "The text is no longer the one that the run began with: put that back to go on, or begin another run with --out; " +
                "with model.from it can go on from these weights.");
    }

    public void Dispose()
    {
        Training.Dispose();
        Validation?.Dispose();
    }

    sealed class Counting(IProgress<RunEvent>? progress) : IProgress<TokenFileProgress>
    {
        public void Report(TokenFileProgress value) => progress?.Report(new Preparing($"reading the text: {value.Tokens:N0} tokens"));
    }
}
