using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Chat.Jinja;
using Octant.Formats;

namespace Goldens.Kinds;

/// <summary>Chat templates: snippets with fixed values, whole templates beside the golden, and those of installed packages.</summary>
static class ChatTemplates
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (golden.Has("values.json")) VerifySnippets(golden, differences);
        else VerifyConversations(golden, differences);
    }

    static void VerifySnippets(Golden golden, Differences differences)
    {
        var values = golden.Json("values.json").AsObject();
        foreach (var test in golden.JsonLines("cases.jsonl"))
        {
            differences.Variant = (string)test["id"]!;
            Compare(test, differences, () =>
                JinjaTemplate.Parse((string)test["template"]!).Render(values, clock: new Clock(golden)) is var rendered
                ? new RenderedChat(rendered.Text, rendered.Generation, false) : null!);
        }
    }

    static void VerifyConversations(Golden golden, Differences differences)
    {
        var conversations = golden.Json("conversations.json").AsObject();
        var templates = new Dictionary<string, (ChatTemplate Template, JsonNode Tokens)?>();
        foreach (var test in golden.JsonLines("cases.jsonl"))
        {
            var name = (string)(test["template"] ?? test["package"])!;
            if (!templates.TryGetValue(name, out var found)) templates[name] = found = Find(golden, name);
            if (found is not var (template, tokens)) continue;
            differences.Variant = $"{name}, {test["conversation"]}";
            var conversation = conversations[(string)test["conversation"]!]!.AsObject();
            Compare(test, differences, () =>
                template.Render(conversation["messages"]!.AsArray(), Options(golden, conversation, tokens)));
        }
        var missing = templates.Where(entry => entry.Value is null).Select(entry => entry.Key).ToArray();
        if (missing.Length == 0) return;
        if (missing.Length < templates.Count) differences.ThrowIfAny();
        Assert.Skip($"not at hand: {string.Join(", ", missing)} (tests/verify fetches npm packages where there is npm)");
    }

    static (ChatTemplate, JsonNode)? Find(Golden golden, string name)
    {
        if (golden["sources"] is not JsonArray sources)
            return (new ChatTemplate(File.ReadAllText(golden.PathOf($"{name}.jinja"))), golden["tokens"]!);
        var source = sources.Single(source => (string)source!["package"]! == name)!;
        return Candidates(golden, source).FirstOrDefault(text => Sum(text) == (string)source["sha256"]!) is { } found ? (new ChatTemplate(found), source) : null;
    }

    /// <summary>The template of an npm package; of others, those of the GGUF files that stand beside the goldens.</summary>
    static IEnumerable<string> Candidates(Golden golden, JsonNode source)
    {
        var package = (string)source["package"]!;
        if (package.StartsWith("npm ", StringComparison.Ordinal))
        {
            var at = package.LastIndexOf('@');
            if (NpmPackages.Find(package[4..at], package[(at + 1)..], (string)source["file"]!) is { } file)
                yield return (string)JsonNode.Parse(File.ReadAllText(file))![(string)source["key"]!]!;
            yield break;
        }
        var models = golden.PathOf("../../models");
        if (!Directory.Exists(models)) yield break;
        foreach (var path in Directory.EnumerateFiles(models, "*.gguf", SearchOption.AllDirectories))
        {
            using var file = new GgufFile(path);
            if (file.Metadata.Text("tokenizer.chat_template") is { } template) yield return template;
        }
    }

    static string Sum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    static ChatTemplateOptions Options(Golden golden, JsonObject conversation, JsonNode tokens)
    {
        var variables = conversation["variables"]!.AsObject().ToDictionary();
        variables["bos_token"] = tokens["bos_token"];
        variables["eos_token"] = tokens["eos_token"];
        return new()
        {
            Tools = conversation["tools"]?.AsArray(),
            Documents = conversation["documents"]?.AsArray(),
            AddGenerationPrompt = (bool)conversation["add_generation_prompt"]!,
            ContinueFinalMessage = (bool)conversation["continue_final_message"]!,
            Variables = variables,
            // The function that made these goldens passes arguments on as they are.
            ParseToolArguments = false,
            Clock = new Clock(golden),
        };
    }

    static void Compare(JsonObject test, Differences differences, Func<RenderedChat> render)
    {
        try
        {
            var rendered = render();
            if (test["error"] is { } expected)
            {
                differences.Compare("result", rendered.Text, $"error {expected}: {test["message"]}");
                return;
            }
            differences.Compare("text", rendered.Text, (string)test["output"]!);
            if (test["generation"] is JsonArray spans)
                differences.Compare("generation", rendered.Generation,
                    spans.Select(span => new GenerationSpan((int)span![0]!, (int)span[1]!)).ToArray());
        }
        catch (TemplateException error)
        {
            differences.Compare("error", error.Kind.ToString(), test["error"] is { } name ? KindOf((string)name!).ToString()
                : $"none: {error}");
            if (error.Kind == TemplateErrorKind.Raised) differences.Compare("message", error.Message, (string?)test["message"]);
        }
    }

    /// <summary>The classes of errors of the reference.</summary>
    static TemplateErrorKind KindOf(string error) => error switch
    {
        "TemplateSyntaxError" or "SyntaxError" => TemplateErrorKind.Syntax,
        "TemplateAssertionError" => TemplateErrorKind.UnknownName,
        "UndefinedError" => TemplateErrorKind.Undefined,
        "SecurityError" => TemplateErrorKind.Security,
        "TemplateError" => TemplateErrorKind.Raised,
        "TypeError" => TemplateErrorKind.Type,
        "ValueError" => TemplateErrorKind.Value,
        "KeyError" or "IndexError" => TemplateErrorKind.Lookup,
        "ZeroDivisionError" => TemplateErrorKind.DivisionByZero,
        "OverflowError" => TemplateErrorKind.Overflow,
        "RecursionError" or "MemoryError" => TemplateErrorKind.Limit,
        _ => TemplateErrorKind.Runtime,
    };

    /// <summary>The time at which the golden was made.</summary>
    sealed class Clock(Golden golden) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() =>
            DateTimeOffset.Parse((string)golden["now"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
