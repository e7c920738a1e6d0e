using System.CommandLine;
using System.CommandLine.Parsing;
using Octant.Data.Reading;
using Octant.Tokenizers.Training;

namespace Octant.Cli;

/// <summary>`octant tokenizer`: makes tokenizers.</summary>
static class TokenizerCommand
{
    public static Command Create() => new("tokenizer", "Makes tokenizers.") { CreateTrain() };

    enum Kind { Bpe, WordPiece, Unigram }

    static Command CreateTrain()
    {
        Option<string[]> text = new("--text") { Description = "text files, .jsonl, .gz or folders of them; - for standard input", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<int> size = new("--vocab-size") { Description = "how many tokens it shall have", Required = true };
        Option<string> folder = new("--out") { Description = "the folder that tokenizer.json is written to", Required = true };
        Option<Kind> kind = new("--kind")
        {
            Description = "bpe: byte-level pairs, as GPT-2 has them; wordpiece: BERT's; unigram: pieces with ▁ for spaces, as T5 has them",
            DefaultValueFactory = _ => Kind.Bpe,
            CustomParser = KindOf,
        };
        kind.CompletionSources.Add([.. Enum.GetNames<Kind>().Select(name => name.ToLowerInvariant())]);
        Option<string[]> special = new("--special") { Description = "further special tokens, which no text is cut into", AllowMultipleArgumentsPerToken = true };
        Option<bool> cased = new("--cased") { Description = "wordpiece: keeps capitals and accents" };
        var command = new Command("train", "Learns a tokenizer from text.") { text, size, folder, kind, special, cased };
        command.SetAction((parsed, cancellation) =>
        {
            var place = parsed.GetValue(folder)!;
            if (File.Exists(Path.Combine(place, "tokenizer.json")))
                throw new OctantException($"{place} holds a tokenizer already: name another folder with --out.");
            if (parsed.GetValue(cased) && parsed.GetValue(kind) != Kind.WordPiece)
                throw new OctantException("--cased is for --kind wordpiece: the other kinds keep capitals and accents anyway.");
            var documents = Sources.Open(parsed.GetValue(text)!).Select(document => document.Text);
            var (trained, config) = Train(parsed.GetValue(kind), parsed.GetValue(size), parsed.GetValue(special) ?? [], parsed.GetValue(cased), documents, cancellation);
            trained.Save(place, config);
            Console.Out.WriteLine($"{trained.Tokenizer.VocabularySize} tokens in {place}");
            return Task.FromResult(0);
        });
        return command.WithExamples(
            "octant tokenizer train --text shakespeare.txt --vocab-size 4096 --out ./my-tokenizer",
            "octant tokenizer train --text shakespeare.txt --vocab-size 4096 --kind unigram --special '<s>' '</s>' --out ./pieces",
            "zcat corpus.txt.gz | octant tokenizer train --text - --vocab-size 32768 --out ./my-tokenizer");
    }

    /// <summary>By name alone: .NET would also take numbers for kinds, and lists of names.</summary>
    static Kind KindOf(ArgumentResult given)
    {
        var name = given.Tokens is [var token] ? token.Value : "";
        if (Enum.GetValues<Kind>().Where(kind => string.Equals($"{kind}", name, StringComparison.OrdinalIgnoreCase)).ToArray() is [var only]) return only;
        given.AddError($"There is no kind {name}; there are {string.Join(", ", Enum.GetNames<Kind>()).ToLowerInvariant()}.");
        return default;
    }

    static (TrainedTokenizer, TokenizerConfig) Train(Kind kind, int size, string[] special, bool cased, IEnumerable<string> documents,
        CancellationToken cancellation)
    {
        const string EndOfText = ByteLevelBpeOptions.EndOfText;
        return kind switch
        {
            Kind.WordPiece => (new BertWordPieceTrainer(new(size, Lowercase: !cased, SpecialTokens: special)).Train(documents, progress: null, cancellation),
                new(Pad: "[PAD]", Unk: "[UNK]")),
            Kind.Unigram => (new MetaspaceUnigramTrainer(new(size, special)).Train(documents, progress: null, cancellation), new(Unk: "<unk>")),
            _ => (new ByteLevelBpeTrainer(new(size, SpecialTokens: [EndOfText, .. special.Where(token => token != EndOfText)])).Train(documents, progress: null, cancellation),
                new(Bos: EndOfText, Eos: EndOfText)),
        };
    }
}
