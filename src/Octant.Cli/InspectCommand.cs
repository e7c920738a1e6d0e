using System.CommandLine;
using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Chat.Answers;
using Octant.Formats;
using Octant.Formats.Pickles;
using Octant.Tokenizers;
using Spectre.Console;

namespace Octant.Cli;

/// <summary>`octant inspect`: what a file holds, from its header alone.</summary>
static class InspectCommand
{
    const int ShownElements = 8;
    const int ShownText = 200;
    const int MostInTable = 5_000;

    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "a folder, a .safetensors, GGUF, PyTorch (.pt, .pth, .bin), NumPy (.npy, .npz) or llama2.c (.bin) file, an index of shards, a tokenizer's file, or a model's name" };
        Option<bool> json = new("--json") { Description = "everything, as JSON" };
        var command = new Command("inspect", "Shows what a model file holds: tensors, number types, sizes, metadata, tokenizer, chat template. Only headers are read.") { file, json };
        command.SetAction(parsed =>
        {
            var path = Downloads.Find(parsed.GetValue(file)!);
            if (TokenizerAlone(path) is { } tokenizer)
            {
                PrintTokenizer(path, tokenizer, parsed.GetValue(json));
                return;
            }
            using var tensors = TensorFiles.Open(path);
            var found = new Inspected(path, tensors);
            if (parsed.GetValue(json)) Console.Out.WriteLine(found.ToJson().ToJsonString(Output.Json));
            else found.Print();
        });
        return command.WithExamples(
            "octant inspect model.gguf",
            "octant inspect ./my-model",
            "octant inspect pytorch_model.bin --json",
            "octant inspect shakespeare-chat");
    }

    /// <summary>The tokenizer of a file, or a folder, that holds nothing else; null where there is more. Of JSON files only these two are surely one.</summary>
    static Tokenizer? TokenizerAlone(string path) => Directory.Exists(path) ? TensorFiles.IsIn(path) ? null : FindTokenizer(path)
        : File.Exists(path) && Tokenizer.IsFileName(path) && (Path.GetExtension(path) != ".json" || Path.GetFileName(path) is "tokenizer.json" or "tekken.json") ? Tokenizer.Open(path) : null;

    /// <summary>How many tokens, and which are special.</summary>
    static void PrintTokenizer(string path, Tokenizer tokenizer, bool json)
    {
        var special = Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial).ToArray();
        if (json)
            Console.Out.WriteLine(new JsonObject
            {
                ["path"] = path,
                ["format"] = "tokenizer",
                ["size"] = tokenizer.VocabularySize,
                ["special_tokens"] = new JsonObject(special.Select(id => KeyValuePair.Create(tokenizer.TokenOf(id)!, (JsonNode?)id)).DistinctBy(pair => pair.Key)),
            }.ToJsonString(Output.Json));
        else
            Console.Out.WriteLine(Output.Clean($"{path}: a tokenizer of {tokenizer.VocabularySize} tokens, of which {special.Length} are special: " +
                $"{string.Join(", ", special.Take(ShownElements).Select(id => $"{tokenizer.TokenOf(id)} ({id})"))}{(special.Length > ShownElements ? ", ..." : "")}"));
    }

    /// <summary>All that is known of a file without reading its numbers.</summary>
    sealed class Inspected(string path, ITensorFile file)
    {
        readonly Tokenizer? tokenizer = FindTokenizer(path);
        readonly ChatTemplate? template = FindTemplate(path, file);

        string Format => file switch
        {
            GgufFile => "GGUF",
            SafetensorsFile => "safetensors",
            ShardedCheckpoint shards => $"{shards.Shards.Count} shards",
            TorchFile => "PyTorch",
            NumpyFile => "NumPy",
            Llama2CFile => "llama2.c",
            _ => file.GetType().Name,
        };

        long Parameters => file.Tensors.Values.Sum(tensor => tensor.Count);

        long Bytes => file.Tensors.Values.Sum(tensor => tensor.Bytes);

        public void Print()
        {
            // Where no terminal wraps lines, one line a tensor: it is going to be searched.
            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
            var facts = new Table().HideHeaders().AddColumns("", "");
            facts.AddRow("file", Text(file.Origin));
            facts.AddRow("format", Text(Format));
            facts.AddRow("tensors", $"{file.Tensors.Count:N0} with {Parameters:N0} numbers, {Output.Size(Bytes)}");
            facts.AddRow("number types", Text(string.Join(", ", Types().Select(type => $"{type.Tensors} {type.Name} ({Output.Size(type.Bytes)})"))));
            if (tokenizer is not null) facts.AddRow("tokenizer", Text(DescribeTokenizer(tokenizer)));
            if (template is not null) facts.AddRow("chat template", Text($"{string.Join(", ", template.Sources.Keys)}; answers in the notation \"{AnswerFormat.Of(template).Name}\""));
            AnsiConsole.Write(facts);

            var notes = Metadata();
            if (notes.Count > 0)
            {
                var metadata = new Table().Title("Metadata").AddColumns("key", "value");
                foreach (var (key, value) in notes) metadata.AddRow(Text(key), Text(Short(value)));
                AnsiConsole.Write(metadata);
            }
            if (file.Tensors.Count > MostInTable)
            {
                // A table measures every cell; so many are going to be searched, not looked at.
                foreach (var tensor in file.Tensors.Values)
                    Console.Out.WriteLine(Output.Clean($"{tensor.Name}\t{tensor.Type}\t[{string.Join(", ", tensor.Shape)}]\t{Output.Size(tensor.Bytes)}"));
                return;
            }
            var list = new Table().Title("Tensors").AddColumns("name", "type", "shape").AddColumn(new TableColumn("size").RightAligned());
            foreach (var tensor in file.Tensors.Values)
                list.AddRow(Text(tensor.Name), $"{tensor.Type}", Text($"[{string.Join(", ", tensor.Shape)}]"), Output.Size(tensor.Bytes));
            AnsiConsole.Write(list);
        }

        public JsonObject ToJson() => new()
        {
            ["path"] = file.Origin,
            ["format"] = Format,
            ["parameters"] = Parameters,
            ["bytes"] = Bytes,
            ["types"] = new JsonObject(Types().Select(type => KeyValuePair.Create(type.Name, (JsonNode?)type.Tensors))),
            ["metadata"] = new JsonObject(Metadata().Select(pair => KeyValuePair.Create(pair.Key, pair.Value))),
            ["tokenizer"] = tokenizer is null ? null : new JsonObject
            {
                ["size"] = tokenizer.VocabularySize,
                ["special_tokens"] = new JsonObject(Special(tokenizer).Select(token => KeyValuePair.Create(token.Name, (JsonNode?)token.Text))),
            },
            ["chat_template"] = template is null ? null : new JsonObject(template.Sources.Select(source => KeyValuePair.Create(source.Key, (JsonNode?)source.Value))),
            ["tensors"] = new JsonArray([.. file.Tensors.Values.Select(tensor => new JsonObject
            {
                ["name"] = tensor.Name,
                ["type"] = $"{tensor.Type}",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["bytes"] = tensor.Bytes,
            })]),
        };

        IEnumerable<(string Name, int Tensors, long Bytes)> Types() =>
            file.Tensors.Values.GroupBy(tensor => tensor.Type).Select(group => ($"{group.Key}", group.Count(), group.Sum(tensor => tensor.Bytes)))
                .OrderByDescending(type => type.Item3);

        /// <summary>What the file says of itself; beside a folder's weights, its configuration.</summary>
        List<(string Key, JsonNode? Value)> Metadata() => file switch
        {
            GgufFile gguf => [.. gguf.Metadata.Entries.Select(entry => (entry.Key, ValueOf(gguf.Metadata, entry)))],
            Llama2CFile { Config: var config } => [.. config.Select(entry => (entry.Key, entry.Value?.DeepClone()))],
            SafetensorsFile { Metadata: var notes } => [.. notes.Select(note => (note.Key, (JsonNode?)note.Value)), .. Configuration()],
            _ => [.. Configuration()],
        };

        IEnumerable<(string Key, JsonNode? Value)> Configuration() =>
            JsonFiles.ReadObject(Path.Combine(FolderOf(path), "config.json"))?.Select(entry => (entry.Key, entry.Value?.DeepClone())) ?? [];

        static JsonNode? ValueOf(GgufMetadata metadata, GgufEntry entry) => entry.Type switch
        {
            GgufType.Text => metadata.Text(entry.Key),
            GgufType.Bool => metadata.Flag(entry.Key),
            GgufType.F32 or GgufType.F64 => metadata.Number(entry.Key) is { } number && double.IsFinite(number) ? number : null,
            GgufType.Array => new JsonObject { ["elements"] = $"{entry.Elements}", ["count"] = entry.Count, ["first"] = First(metadata, entry) },
            GgufType.U64 => metadata.Number(entry.Key),
            _ => metadata.Integer(entry.Key),
        };

        static JsonArray First(GgufMetadata metadata, GgufEntry entry) => entry.Elements switch
        {
            GgufType.Text => [.. metadata.Texts(entry.Key)!.Take(ShownElements).Select(text => (JsonNode)text)],
            GgufType.Bool => [.. metadata.Flags(entry.Key)!.Take(ShownElements).Select(flag => (JsonNode)flag)],
            GgufType.F32 or GgufType.F64 => [.. metadata.Floats(entry.Key)!.Take(ShownElements).Where(float.IsFinite).Select(number => (JsonNode)number)],
            GgufType.Array => [],
            _ => [.. metadata.Longs(entry.Key)!.Take(ShownElements).Select(number => (JsonNode)number)],
        };
    }

    static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>A file that has none, or one that is not understood, is shown without.</summary>
    static Tokenizer? FindTokenizer(string path)
    {
        try
        {
            return LanguageModel.OpenTokenizer(path);
        }
        catch (OctantException)
        {
            return null;
        }
    }

    static ChatTemplate? FindTemplate(string path, ITensorFile file) => file is GgufFile gguf
        ? ChatTemplate.FromGguf(gguf.Metadata)
        : ChatTemplate.Find(FolderOf(path));

    static string DescribeTokenizer(Tokenizer tokenizer) =>
        string.Join(", ", Special(tokenizer).Select(token => $"{token.Name} {token.Text}").Prepend($"{tokenizer.VocabularySize:N0} tokens"));

    static IEnumerable<(string Name, string Text)> Special(Tokenizer tokenizer) =>
        from token in ((string Name, int? Id)[])[("bos", tokenizer.SpecialTokens.Bos), ("eos", tokenizer.SpecialTokens.Eos), ("unk", tokenizer.SpecialTokens.Unk), ("pad", tokenizer.SpecialTokens.Pad)]
        where token.Id is not null
        select (token.Name, tokenizer.TokenOf(token.Id!.Value) ?? $"{token.Id}");

    static string Short(JsonNode? value)
    {
        var text = value switch
        {
            null => "null",
            JsonObject { } list when list.ContainsKey("first") => $"{list["count"]} x {list["elements"]}: {string.Join(", ", list["first"]!.AsArray().Select(item => Brief($"{item}", 24)))}{((long)list["count"]! > ShownElements ? " ..." : "")}",
            JsonValue single when single.TryGetValue<string>(out var words) => words,
            _ => value.ToJsonString(Output.Json),
        };
        return Brief(text.Replace("\n", "\\n"), ShownText);
    }

    static string Brief(string text, int most) => text.Length > most ? $"{text[..most]}..." : text;

    static string Text(string words) => Markup.Escape(Output.Clean(words));
}
