namespace Octant.Data.Dialogues;

/// <summary>
/// The chat template of models that learn from <see cref="Conversations"/>. Each turn is a token that says whose it is, the words, and
/// a token that ends it.
/// </summary>
public static class DialogueTemplate
{
    /// <summary>Begins what the user says.</summary>
    public const string User = "<|user|>";

    /// <summary>Begins what the model says.</summary>
    public const string Assistant = "<|assistant|>";

    /// <summary>Ends either.</summary>
    public const string End = "<|end|>";

    /// <summary>
    /// The template, for tokenizer_config.json. A play has no system messages, so that the model has learnt none: one comes as the first lines
    /// of the user's next message, where it works like a prologue ("A street in Verona, by night."). Roles that are neither are refused.
    /// </summary>
    public const string Source =
        "{% set prologue = namespace(text='') %}" +
        "{% for message in messages %}" +
        "{% if message['role'] == 'system' %}" +
        "{% set prologue.text = prologue.text + (message['content'] | trim) + '\\n' %}" +
        "{% elif message['role'] == 'user' %}" +
        $"{{{{ '{User}' + (prologue.text + message['content']) | trim + '{End}' }}}}" +
        "{% set prologue.text = '' %}" +
        "{% elif message['role'] == 'assistant' %}" +
        $"{{{{ '{Assistant}' + (message['content'] | trim) + '{End}' }}}}" +
        "{% else %}" +
        "{{ raise_exception('This model knows messages of a system, a user and an assistant, not of the role ' + message['role'] + ': leave them out.') }}" +
        "{% endif %}" +
        "{% endfor %}" +
        $"{{% if add_generation_prompt %}}{{{{ '{Assistant}' }}}}{{% endif %}}";

    /// <summary>What a tokenizer must know as special tokens.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [User, Assistant, End];
}
