using System.CommandLine;
using Octant.Data.Reading;
using Octant.Tokenizers.Training;

namespace Octant.Cli;

/// <summary>`octant tokenizer`: makes tokenizers.</summary>
static class TokenizerCommand
{
    public static Command Create() => new("tokenizer", "Makes tokenizers.") { CreateTrain() };

    static Command CreateTrain()
    {
        Option<string[]> text = new("--text") { Description = "text files, .jsonl, .gz or folders of them; - for standard input", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<int> size = new("--vocab-size") { Description = "how many tokens it shall have", Required = true };
        Option<string> folder = new("--out") { Description = "the folder that tokenizer.json is written to", Required = true };
        var command = new Command("train", "Learns a byte-level BPE from text.") { text, size, folder };
        command.SetAction((parsed, cancellation) =>
        {
            var place = parsed.GetValue(folder)!;
            if (File.Exists(Path.Combine(place, "tokenizer.json")))
                throw new OctantException($"{place} holds a tokenizer already: name another folder with --out.");
            var trainer = new ByteLevelBpeTrainer(new(parsed.GetValue(size)));
            var documents = Sources.Open(parsed.GetValue(text)!).Select(document => document.Text);
            var trained = trainer.Train(documents, progress: null, cancellation);
            trained.Save(place, new(Bos: ByteLevelBpeOptions.EndOfText, Eos: ByteLevelBpeOptions.EndOfText));
            Console.Out.WriteLine($"{trained.Tokenizer.VocabularySize} tokens in {place}");
            return Task.FromResult(0);
        });
        return command.WithExamples(
            "octant tokenizer train --text shakespeare.txt --vocab-size 4096 --out ./my-tokenizer",
            "zcat corpus.txt.gz | octant tokenizer train --text - --vocab-size 32768 --out ./my-tokenizer");
    }
}
