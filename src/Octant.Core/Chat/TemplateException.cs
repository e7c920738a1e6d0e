namespace Octant.Chat;

/// <summary>What kind of fault ended a template: the classes of errors that the reference tells apart.</summary>
public enum TemplateErrorKind
{
    /// <summary>The text is not a template.</summary>
    Syntax,
    /// <summary>A filter or test that does not exist.</summary>
    UnknownName,
    /// <summary>Something undefined was used for more than printing.</summary>
    Undefined,
    /// <summary>The sandbox refuses it: private attributes, and methods that change a list or dictionary.</summary>
    Security,
    /// <summary>The template itself refused the conversation, with <c>raise_exception</c>: the message is its own words.</summary>
    Raised,
    /// <summary>A value of the wrong type.</summary>
    Type,
    /// <summary>A value of the right type that does not fit.</summary>
    Value,
    /// <summary>A missing key or index, where that is no undefined value.</summary>
    Lookup,
    /// <summary>Division by zero.</summary>
    DivisionByZero,
    /// <summary>A number or a range that is too large.</summary>
    Overflow,
    /// <summary>Anything else that the template does wrong while it runs.</summary>
    Runtime,
    /// <summary>The template used up its steps, depth, memory or output: <see cref="TemplateLimits"/>.</summary>
    Limit,
}

/// <summary>A chat template is broken, or does not take the conversation that it was given.</summary>
public sealed class TemplateException : OctantException
{
    /// <summary>A fault at a place in the template.</summary>
    /// <param name="kind">what kind of fault</param>
    /// <param name="reason">what was wrong; a template's own words stay the whole message</param>
    /// <param name="line">from 1, or 0 where no place is known</param>
    /// <param name="column">from 1, in UTF-16 code units</param>
    /// <param name="inner">what caused it</param>
    public TemplateException(TemplateErrorKind kind, string reason, int line = 0, int column = 0, Exception? inner = null)
        : base(Describe(kind, reason, line, column), inner) =>
        (Kind, Reason, Line, Column) = (kind, reason, line, column);

    /// <summary>What kind of fault.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>What was wrong, without the place.</summary>
    public string Reason { get; }

    /// <summary>The line in the template, from 1; 0 where no place is known.</summary>
    public int Line { get; }

    /// <summary>The column in that line, from 1.</summary>
    public int Column { get; }

    static string Describe(TemplateErrorKind kind, string reason, int line, int column)
    {
        if (kind == TemplateErrorKind.Raised) return reason;
        var place = line > 0 ? $"Chat template, line {line}, column {column}: " : "Chat template: ";
        var advice = kind switch
        {
            TemplateErrorKind.Syntax or TemplateErrorKind.UnknownName => "Mend the template, or give another one.",
            TemplateErrorKind.Limit => "If the template is sound, raise the limit (TemplateLimits).",
            TemplateErrorKind.Security => "Templates from strangers may not do this.",
            _ => "Check that the messages, tools and variables have the shape that this template expects.",
        };
        return $"{place}{reason.TrimEnd('.')}. {advice}";
    }
}
