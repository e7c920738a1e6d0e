using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>
/// A template in the dialect of Jinja that Hugging Face's chat templates use (trim_blocks and lstrip_blocks on, loop controls,
/// <c>{% generation %}</c>, its own <c>tojson</c>). Compiled once, it can be rendered any number of times, by many threads at once.
/// </summary>
public sealed class JinjaTemplate
{
    readonly string source;
    readonly Statement[] body;

    JinjaTemplate(string source, Statement[] body) => (this.source, this.body) = (source, body);

    /// <summary>Compiles a template.</summary>
    /// <exception cref="TemplateException">the text is no template; says where</exception>
    public static JinjaTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source = Lexer.Normalize(source);
        try
        {
            return new JinjaTemplate(source, Parser.Parse(source));
        }
        catch (SyntaxFault fault)
        {
            var (line, column) = Place(source, fault.At);
            throw new TemplateException(fault.Kind, fault.Message, line, column);
        }
        catch (PythonError fault)
        {
            throw new TemplateException(fault.Kind, fault.Message);
        }
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">what the template can name; JSON values become values of the template language</param>
    /// <param name="limits">what it may use up; <see cref="TemplateLimits.Default"/> if not given</param>
    /// <param name="clock">what <c>strftime_now</c> asks; the system's if not given</param>
    /// <exception cref="TemplateException">the template fails, refuses its input, or uses up its limits</exception>
    public RenderedTemplate Render(IEnumerable<KeyValuePair<string, System.Text.Json.Nodes.JsonNode?>> variables,
        TemplateLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        Renderer? renderer = null;
        try
        {
            var values = new Dictionary<string, object?>();
            foreach (var (name, value) in variables) values[name] = PythonJson.Read(value);
            renderer = new Renderer(values, limits ?? TemplateLimits.Default, clock ?? TimeProvider.System);
            var (text, spans) = renderer.Render(body);
            return new RenderedTemplate(text, spans);
        }
        catch (PythonError fault)
        {
            var (line, column) = renderer is null ? (0, 0) : Place(source, renderer.Position);
            throw new TemplateException(fault.Kind, fault.Message, line, column);
        }
        catch (ArgumentException fault) when (renderer is null)
        {
            throw new TemplateException(TemplateErrorKind.Value, $"a value names something twice: {fault.Message}", inner: fault);
        }
    }

    static (int Line, int Column) Place(string source, int at)
    {
        var before = source.AsSpan(0, at);
        return (before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }
}

/// <summary>What a template made.</summary>
/// <param name="Text">the text</param>
/// <param name="Generation">where in it the <c>{% generation %}</c> blocks stand</param>
public sealed record RenderedTemplate(string Text, IReadOnlyList<GenerationSpan> Generation);

/// <summary>A part of a rendered text that the assistant said, counted in code points as the reference does.</summary>
/// <param name="Start">its first code point</param>
/// <param name="End">the one after its last</param>
public readonly record struct GenerationSpan(int Start, int End);
