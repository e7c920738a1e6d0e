using System.Text.Json.Nodes;
using Octant.Chat.Jinja;
using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Chat;

/// <summary>
/// How a model wants a conversation written: its chat template, or several by name. Safe to use by many threads at once.
/// </summary>
public sealed class ChatTemplate
{
    const string Default = "default";
    const string ToolUse = "tool_use";
    static readonly string[] Reserved = ["messages", "tools", "documents", "add_generation_prompt"];

    readonly Dictionary<string, Lazy<JinjaTemplate>> templates;

    /// <summary>A single template.</summary>
    /// <exception cref="TemplateException">the text is no template</exception>
    public ChatTemplate(string source) : this(new Dictionary<string, string> { [Default] = source }) =>
        _ = templates[Default].Value;

    /// <summary>Templates by name.</summary>
    /// <param name="sources">their texts, which are compiled when they are first used</param>
    /// <param name="specialTokens">bos_token, eos_token, ... as far as the model has them: variables of the template</param>
    public ChatTemplate(IReadOnlyDictionary<string, string> sources,
        IReadOnlyDictionary<string, JsonNode?>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        templates = sources.ToDictionary(entry => entry.Key, entry =>
            new Lazy<JinjaTemplate>(() => JinjaTemplate.Parse(entry.Value)));
        SpecialTokens = specialTokens ?? new Dictionary<string, JsonNode?>();
        Sources = sources.ToDictionary();
    }

    /// <summary>The templates' texts by name; a single one is called <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; }

    /// <summary>The special tokens that the templates can name.</summary>
    public IReadOnlyDictionary<string, JsonNode?> SpecialTokens { get; init; }

    /// <summary>Reads what a model's folder says: chat_template.jinja, chat_template.json or tokenizer_config.json; null if none has one.</summary>
    /// <exception cref="Formats.CheckpointException">one of these files is damaged</exception>
    public static ChatTemplate? Find(string folder) => ChatTemplateFiles.Find(folder);

    /// <summary>Reads what a GGUF file's metadata says: tokenizer.chat_template, and those with a name behind; null if there is none.</summary>
    /// <param name="metadata">the file's; other keys are passed over</param>
    /// <param name="specialTokens">bos_token, eos_token, ... from the file's tokenizer</param>
    public static ChatTemplate? FromGguf(GgufMetadata metadata, IReadOnlyDictionary<string, JsonNode?>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        const string key = "tokenizer.chat_template";
        var sources = metadata.Entries.Where(entry => entry.Type == GgufType.Text && (entry.Key == key || entry.Key.StartsWith($"{key}.", StringComparison.Ordinal)))
            .OrderBy(entry => entry.Key != key).Select(entry => (Name: entry.Key == key ? Default : entry.Key[(key.Length + 1)..], entry.Key))
            .DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => metadata.Text(entry.Key)!);
        return sources.Count == 0 ? null : new ChatTemplate(sources, specialTokens);
    }

    /// <summary>Whether a template names a variable at all: what it does not name changes nothing.</summary>
    /// <param name="variable">such as tools, or enable_thinking</param>
    public bool Names(string variable) => Sources.Values.Any(source =>
        System.Text.RegularExpressions.Regex.IsMatch(source, $@"\b{System.Text.RegularExpressions.Regex.Escape(variable)}\b"));

    /// <summary>Writes a conversation as the model wants it.</summary>
    /// <param name="messages">
    /// the messages in OpenAI's shape: role, content (text or parts), tool_calls, tool_call_id, name, reasoning_content; they are not changed
    /// </param>
    /// <param name="options">tools and everything else; nothing by default</param>
    /// <exception cref="TemplateException">
    /// the template fails or refuses the conversation; if with <c>raise_exception</c>, the message is the template's own words
    /// </exception>
    public RenderedChat Render(JsonArray messages, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatTemplateOptions();
        if (options is { AddGenerationPrompt: true, ContinueFinalMessage: true })
            throw Fault("the last message is either continued or followed by a new one: choose AddGenerationPrompt or ContinueFinalMessage");
        var prepared = ChatMessages.Prepare(messages, options.ParseToolArguments);
        var continued = options.ContinueFinalMessage ? ChatMessages.Mark(prepared) : null;
        var variables = Variables(prepared, options);
        var rendered = Choose(options).Render(variables, options.Limits, options.Clock);
        if (continued is not null) rendered = ChatMessages.CutAtMark(rendered, continued);
        var bos = variables.GetValueOrDefault("bos_token") is JsonValue value && value.TryGetValue<string>(out var token)
            ? token : "";
        return new RenderedChat(rendered.Text, rendered.Generation, bos.Length > 0
            && rendered.Text.StartsWith(bos, StringComparison.Ordinal));
    }

    Dictionary<string, JsonNode?> Variables(JsonArray messages, ChatTemplateOptions options)
    {
        var variables = SpecialTokens.ToDictionary();
        foreach (var (name, value) in options.Variables)
        {
            if (Reserved.Contains(name)) throw Fault($"'{name}' is given by its own option, not as a variable");
            variables[name] = value;
        }
        variables["messages"] = messages;
        variables["tools"] = options.Tools;
        variables["documents"] = options.Documents;
        variables["add_generation_prompt"] = options.AddGenerationPrompt;
        return variables;
    }

    JinjaTemplate Choose(ChatTemplateOptions options)
    {
        var name = options.Template ?? (options.Tools is not null && templates.ContainsKey(ToolUse) ? ToolUse : Default);
        return templates.TryGetValue(name, out var template) ? template.Value
            : throw Fault($"no template '{name}': the model has {string.Join(", ", templates.Keys)}");
    }

    static TemplateException Fault(string reason) => new(TemplateErrorKind.Value, reason);
}

/// <summary>A conversation as the model wants it.</summary>
/// <param name="Text">
/// the text, to be tokenized with special tokens recognised and, where <paramref name="BeginsWithBos"/>, none put in front of it
/// </param>
/// <param name="Generation">where the assistant's own words stand, if the template marks them; in code points</param>
/// <param name="BeginsWithBos">the text begins with the special token that begins sequences already</param>
public sealed record RenderedChat(string Text, IReadOnlyList<GenerationSpan> Generation, bool BeginsWithBos)
{
    /// <summary>
    /// Which tokens the assistant said, where the template marks its words with <c>{% generation %}</c>: what training learns from. A token
    /// that only reaches into them counts, as in Transformers' <c>return_assistant_tokens_mask</c>.
    /// </summary>
    /// <param name="encoding">of <see cref="Text"/></param>
    /// <returns>1 for the assistant's tokens, 0 for all others; one a token</returns>
    public int[] AssistantMask(Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        var mask = new int[encoding.Length];
        foreach (var (start, end) in Generation)
        {
            bool IsWithin((int Start, int End) token) => token.Start < end && token.End > start;
            var first = Array.FindIndex(encoding.Offsets, IsWithin);
            if (first >= 0) mask.AsSpan(first..(Array.FindLastIndex(encoding.Offsets, IsWithin) + 1)).Fill(1);
        }
        return mask;
    }
}
