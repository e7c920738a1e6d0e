using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>
/// How a model writes thoughts and tool calls into its answers. Every family has notations of its own; the chat template, which shows
/// earlier calls to the model, tells which.
/// </summary>
public sealed class AnswerFormat
{
    /// <summary>What thoughts stand between; every model may write the first pair.</summary>
    static readonly (string Begin, string End)[] Thoughts =
    [
        ("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>"), ("◁think▷", "◁/think▷"),
        ("<seed:think>", "</seed:think>"), ("<|channel>thought", "<channel|>"),
    ];

    static readonly Family Plain = new("", "plain", [], []);
    static readonly Frame Python = Frame.Calls("<|python_start|>", ["<|python_end|>"], PythonCalls.Read);
    static readonly Frame LlamaTag = Frame.Calls("<|python_tag|>", [], PythonTag.Read);

    /// <summary>By a word that only templates of that family hold; the first that is found counts.</summary>
    static readonly Family[] Families =
    [
        // gpt-oss: github.com/openai/harmony, docs/format.md
        new("<|channel|>", Harmony, [Frame.Header("<|start|>"), Frame.Header("<|channel|>")], ["<|end|>", "<|call|>", "<|return|>", "<|constrain|>"]),
        new("<｜tool▁call▁begin｜>", "deepseek", [Frame.Calls("<｜tool▁call▁begin｜>", ["<｜tool▁call▁end｜>"], NamedCalls.DeepSeek)],
            ["<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁sep｜>"]),
        new("<|tool_call_begin|>", "kimi", [Frame.Calls("<|tool_call_begin|>", ["<|tool_call_end|>"], NamedCalls.Kimi)],
            ["<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_argument_begin|>"]),
        new("[TOOL_CALLS]", "mistral", [Frame.Calls("[TOOL_CALLS]", ["[TOOL_CALLS]"], NamedCalls.Mistral)], ["[ARGS]", "[CALL_ID]"]),
        new("<start_function_call>", "function-gemma", [Frame.Calls("<start_function_call>", ["<end_function_call>"], NamedCalls.Gemma)], ["<escape>"]),
        new("<|tool_call>", "gemma4", [Frame.Calls("<|tool_call>", ["<tool_call|>"], NamedCalls.Gemma)], ["<|\"|>"]),
        new("<|START_ACTION|>", "command-r7b", [Frame.Calls("<|START_ACTION|>", ["<|END_ACTION|>"], JsonCalls.Read)],
            ["<|START_RESPONSE|>", "<|END_RESPONSE|>"]),
        new("<|action_start|>", "internlm", [Frame.Calls("<|plugin|>", ["<|action_end|>"], JsonCalls.Read)], ["<|action_start|>"]),
        new("<tool_call>", "hermes", [Frame.Calls("<tool_call>", ["</tool_call>"], TaggedCalls.Read) with { Guess = TaggedCalls.NameAlone }], ["</tool_call>"]),
        new("<TOOLCALL>", "nemotron", [Frame.Calls("<TOOLCALL>", ["</TOOLCALL>"], JsonCalls.Read)], []),
        new("<|tool_call|>", "granite", [Frame.Calls("<|tool_call|>", ["<|/tool_call|>"], JsonCalls.Read)], []),
        new("functools[", "phi4", [Frame.Calls("functools[", [], body => JsonCalls.Read("[" + body))], []),
        new("Action:", "command-r", [Frame.Calls("Action: ```json", [], JsonCalls.Read), Frame.Calls("Action:```json", [], JsonCalls.Read)], []),
        new("tool_code", "gemma3", [Frame.Calls("```tool_code", ["```"], PythonCalls.Read)], []),
        // Llama 3.2 and 4 describe the notation with these very words; Llama 3.1 has JSON, and a tag for its built-in tools.
        new("func_name1(params", Pythonic, [Python, LlamaTag], []),
        new("<|python_start|>", Pythonic, [Python], []),
        new("<|python_tag|>", "llama", [LlamaTag], []),
        new("Environment: ipython", "llama", [LlamaTag], []),
    ];

    const string Harmony = "harmony", Pythonic = "pythonic";

    readonly Family family;
    readonly Frame[] thoughts = [];
    readonly string[] thoughtEnds = [];

    AnswerFormat() => (family, Markers) = (Plain, []);

    AnswerFormat(Family family, string template)
    {
        this.family = family;
        var named = Thoughts.Where(pair => template.Contains(pair.Begin, StringComparison.Ordinal) || template.Contains(pair.End, StringComparison.Ordinal)).ToArray();
        // A model whose template does not speak of thoughts may write of the tag: only at its answer's start it can be meant.
        thoughts = named.Length > 0 ? [.. named.Select(pair => Frame.Thoughts(pair.Begin, pair.End))]
            : [Frame.Thoughts(Thoughts[0].Begin, Thoughts[0].End) with { AtStart = true }];
        thoughtEnds = [.. named.Select(pair => pair.End)];
        Markers = [.. thoughts.Concat(family.Frames).SelectMany(frame => frame.Ends.Append(frame.Begin)).Concat(family.Silent).Distinct()];
    }

    /// <summary>No notation at all: every character is the answer's, as where a constraint says what may be written.</summary>
    public static AnswerFormat Verbatim { get; } = new();

    /// <summary>The notation of the models for which a template was written.</summary>
    /// <param name="template">null for a model without one: plain words, and calls as nothing but JSON</param>
    public static AnswerFormat Of(ChatTemplate? template)
    {
        var source = template is null ? "" : string.Concat(template.Sources.Values);
        return new(Families.FirstOrDefault(family => source.Contains(family.Word, StringComparison.Ordinal)) ?? Plain, source);
    }

    /// <summary>The notation's short name, such as hermes or mistral.</summary>
    public string Name => family.Name;

    /// <summary>
    /// Texts that mean something here. Those that are special tokens of the model must reach the reader, though special tokens are
    /// otherwise left out of texts.
    /// </summary>
    public IReadOnlyCollection<string> Markers { get; }

    /// <summary>Begins to read an answer.</summary>
    /// <param name="tools">the functions that were offered, in OpenAI's shape; null for none, and then none is called</param>
    /// <param name="prompt">the prompt's last words: some templates end within the thoughts that the answer begins with</param>
    public AnswerReader Open(JsonArray? tools = null, string prompt = "") => new(this, new ToolSet(tools), prompt);

    /// <summary>Every answer, also a plain one, has headers here.</summary>
    internal bool HasHeaders => Name == Harmony;

    /// <summary>What can begin in an answer: calls only where tools were offered.</summary>
    internal Frame[] Frames(ToolSet tools) => tools.IsEmpty ? [.. thoughts, .. family.Frames.Where(frame => frame.Kind != FrameKind.Calls)]
        : [.. thoughts, .. family.Frames, .. Frame.Unmarked, .. Name == Pythonic ? tools.Names.Select(Frame.PythonCall) : []];

    /// <summary>Markers that say nothing by themselves.</summary>
    internal string[] Silent(bool withCalls) => [.. thoughtEnds, .. withCalls || HasHeaders ? family.Silent : []];

    /// <param name="Word">what only templates of this family hold</param>
    /// <param name="Name">short</param>
    /// <param name="Frames">where calls stand</param>
    /// <param name="Silent">tokens that are dropped where they stand alone</param>
    sealed record Family(string Word, string Name, Frame[] Frames, string[] Silent);
}
