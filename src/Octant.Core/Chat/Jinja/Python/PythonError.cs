namespace Octant.Chat.Jinja.Python;

/// <summary>A fault in what a template computes; the renderer adds the place and makes it a <see cref="TemplateException"/>.</summary>
sealed class PythonError(TemplateErrorKind kind, string message) : Exception(message)
{
    public TemplateErrorKind Kind { get; } = kind;

    public static PythonError Type(string message) => new(TemplateErrorKind.Type, message);

    public static PythonError Value(string message) => new(TemplateErrorKind.Value, message);

    public static PythonError Runtime(string message) => new(TemplateErrorKind.Runtime, message);
}
