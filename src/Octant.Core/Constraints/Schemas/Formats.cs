using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Schemas;

/// <summary>The formats of strings that JSON Schema names (2020-12, validation, section 7.3), as languages.</summary>
static class Formats
{
    const string Date = @"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
        + "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
    const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";
    const string Byte = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    const string Ipv4 = Byte + @"(?:\." + Byte + "){3}";
    const string Label = "[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?";
    const string Host = Label + @"(?:\." + Label + ")*";
    const string Atom = "[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+";
    const string Escaped = "%[0-9A-Fa-f]{2}";
    const string PathCharacter = "(?:[0-9A-Za-z._~!$&'()*+,;=:@-]|" + Escaped + ")";
    const string Path = "(?:/" + PathCharacter + "*)*";
    const string Query = @"(?:\?(?:" + PathCharacter + "|[/?])*)?(?:#(?:" + PathCharacter + "|[/?])*)?";
    static readonly string Authority = "(?:(?:[0-9A-Za-z._~!$&'()*+,;=:-]|" + Escaped + @")*@)?(?:\[(?:" + Ipv6() + @"|v[0-9A-Fa-f]+\.[0-9A-Za-z._~!$&'()*+,;=:-]+)\]|(?:[0-9A-Za-z._~!$&'()*+,;=-]|"
        + Escaped + @")*)(?::\d*)?";
    static readonly string Uri = "[A-Za-z][0-9A-Za-z+.-]*:(?://" + Authority + Path + "|/(?:" + PathCharacter + "+" + Path + ")?|" + PathCharacter + "+" + Path + "|)" + Query;
    static readonly string RelativeUri = "(?://" + Authority + Path + "|/(?:" + PathCharacter + "+" + Path + ")?|(?:[0-9A-Za-z._~!$&'()*+,;=@-]|" + Escaped + ")+" + Path + "|)" + Query;
    const string Pointer = "(?:/(?:[^~/]|~[01])*)*";

    /// <summary>The texts of a format; null for names that the standard does not know, which say nothing.</summary>
    /// <exception cref="ConstraintException">the standard knows it, but it is not enforced here</exception>
    public static Texts? Find(string name) => name == "hostname" ? Texts.OfLength(Whole(Host), 1, 253) : Form(name) is { } form ? Texts.Of(form) : null;

    static Language? Form(string name) => name switch
    {
        "date" => Whole(Date).Except(Whole("0000-.*")),
        "time" => Whole(Time),
        "date-time" => Whole(Date + "T" + Time).Except(Whole("0000-.*")),
        "duration" => Whole(@"P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?|T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))"),
        "email" => Whole(Atom + @"(?:\." + Atom + ")*@" + Host),
        "ipv4" => Whole(Ipv4),
        "ipv6" => Whole(Ipv6()),
        "uuid" => Whole("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
        "uri" => Whole(Uri),
        "uri-reference" => Whole($"(?:{Uri}|{RelativeUri})"),
        "json-pointer" => Whole(Pointer),
        "relative-json-pointer" => Whole($"(?:0|[1-9]\\d*)(?:#|{Pointer})"),
        "idn-email" or "idn-hostname" or "iri" or "iri-reference" or "uri-template" or "regex" =>
            throw new ConstraintException($"the format {name} cannot be enforced: take it out, or describe it with a pattern"),
        _ => null,
    };

    /// <summary>Eight groups, of which one run of zeros may be left out; the last two may be an IPv4 address (RFC 4291, section 2.2).</summary>
    static string Ipv6()
    {
        const string group = "[0-9A-Fa-f]{1,4}";
        const string last = $"(?:{group}:{group}|{Ipv4})";
        var forms = new List<string> { $"(?:{group}:){{6}}{last}", "::", $"(?:{group}:){{1,7}}:" };
        for (var before = 0; before <= 6; before++)
        {
            var start = before == 0 ? "::" : before == 1 ? $"{group}::" : $"(?:{group}:){{1,{before - 1}}}{group}::";
            forms.Add($"{start}{group}(?::{group}){{0,{6 - before}}}");
            if (before <= 5) forms.Add($"{start}(?:{group}:){{0,{5 - before}}}{Ipv4}");
        }
        return $"(?:{string.Join('|', forms)})";
    }

    static Language Whole(string pattern) => RegexLanguage.Whole(pattern, RegexDialect.EcmaScript);
}
