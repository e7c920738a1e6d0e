using System.Text.Json.Nodes;
using CsCheck;
using Octant.Chat;
using Octant.Chat.Jinja;

namespace Octant.Core.Tests.Chat;

/// <summary>The template language itself; what it prints was compared with Jinja 3.1.6 under Python.</summary>
public sealed class JinjaTemplateTests
{
    static string Render(string template, string variables = "{}") =>
        JinjaTemplate.Parse(template).Render(JsonNode.Parse(variables)!.AsObject()).Text;

    static TemplateException Fails(string template, string variables = "{}") =>
        Assert.Throws<TemplateException>(() => Render(template, variables));

    [Theory]
    [InlineData("{{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ -1 | abs }}", "64 4 1")]
    [InlineData("{{ 'a' ~ 1 * 2 ~ 'b' }}", "a2b")]
    [InlineData("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7.5 // -2 }} {{ 2 / 1 }}", "-4 2 -4.0 2.0")]
    [InlineData("{{ 9223372036854775807 + 1 }} {{ 2 ** 100 }}", "9223372036854775808 1267650600228229401496703205376")]
    [InlineData("{{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e-5 }} {{ 100.0 }}", "0.30000000000000004 1e+16 1e-05 100.0")]
    [InlineData("{{ 2.675 | round(2) }} {{ 0.5 | round }} {{ 1.5 | round }} {{ 1234 | round(-2) }}", "2.67 0.0 2.0 1200")]
    [InlineData("{{ [1 == 1.0, true == 1, '1' == 1, [1] == (1,)] }}", "[True, True, False, False]")]
    [InlineData("{{ {1: 'a', true: 'b', 1.0: 'c'} }}", "{1: 'c'}")]
    public void Numbers_are_Python_s(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ '😀ab' | length }} {{ '😀ab'[1:] }} {{ 'a😀b'.find('b') }} {{ 'a😀'[-1] }}", "3 ab 2 😀")]
    [InlineData("{{ 'ΑΣ ΣΑΣ.'.lower() }} {{ 'ß'.upper() }} {{ \"they're\".title() }} {{ \"they're\" | title }}", "ας σας. SS They'Re They're")]
    [InlineData("{{ ['it\\'s', '\\x00\\u200b', none, 1.0] }}", "[\"it's\", '\\x00\\u200b', None, 1.0]")]
    [InlineData("{{ '%-5s|%05.1f|%x' % ('a', 2.25, 255) }} {{ '{:>6.2f}|{0!r}'.format('a') if false else '{0:>4}'.format(7) }}", "a    |002.2|ff    7")]
    [InlineData("{{ 'a-b' | wordwrap(1) }}", "a\n-\nb")]
    [InlineData("{{ 'a\\u2028b\\r\\nc'.splitlines() | length }}", "3")]
    [InlineData("{{ ' a '.strip() ~ '|' ~ 'xxa'.lstrip('x') ~ '|' ~ 'a, b'.partition(', ')[2] }}", "a|a|b")]
    public void Text_is_Python_s(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "2")]
    [InlineData("{% for i in [1, 2, 3] if i != 2 %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 ")]
    [InlineData("{% for x in [[1, [2]], 3] recursive %}{{ loop(x) if x is sequence else x }}{{ loop.depth }};{% endfor %}", "12;23;2;1;31;")]
    [InlineData("{% for i in [1] %}{% continue %}{% else %}as in Jinja{% endfor %}", "as in Jinja")]
    [InlineData("{% for i in range(5) if not ns.found %}{% set ns.found = i == 2 %}{{ i }}{% endfor %}", "012", "{% set ns = namespace(found=false) %}")]
    [InlineData("{% macro m(a, b=a) %}{{ a }}{{ b }}{{ caller(a) if caller else '' }}{% endmacro %}{% call(x) m(1) %}[{{ x }}]{% endcall %}", "11[1]")]
    public void Scopes_loops_and_macros_are_Jinja_s(string template, string expected, string before = "") =>
        Assert.Equal(expected, Render(before + template));

    [Theory]
    [InlineData("a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc")]
    [InlineData("a\n  {%+ if true %}\n  b\n  {% endif +%}\nc", "a\n    b\n\nc")]
    [InlineData("a  {#- c -#}  b{{- 1 -}}  c", "ab1c")]
    [InlineData("{% raw %}{{ x }}{% endraw %}\r\n{# c #}\r\nx", "{{ x }}x")]
    public void White_space_is_cut_as_with_trim_and_lstrip_blocks(string template, string expected) =>
        Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ d | tojson }}", """{"b": 1, "a": [1, 2.0, null], "é": "<&>'\u2028"}""")]
    [InlineData("{{ d | tojson(ensure_ascii=true, sort_keys=true, separators=(',', ':')) }}", """{"a":[1,2.0,null],"b":1,"\u00e9":"<&>'\u2028"}""")]
    [InlineData("{{ [{}, [], [1]] | tojson(indent=1) }}", "[\n {},\n [],\n [\n  1\n ]\n]")]
    public void Json_is_written_as_Python_does(string template, string expected) =>
        Assert.Equal(expected.Replace("'\\u2028\"}", template.Contains("ensure") ? "'\\u2028\"}" : "'\u2028\"}"),
            Render(template, """{"d": {"b": 1, "a": [1, 2.0, null], "é": "<&>'\u2028"}}"""));

    [Theory]
    [InlineData("a\n{{ b }", TemplateErrorKind.Syntax, 2, 6)]
    [InlineData("{% if x %}\n\n{% endfor %}", TemplateErrorKind.Syntax, 3, 4)]
    [InlineData("x\n  {{ y | nosuch }}", TemplateErrorKind.UnknownName, 2, 10)]
    [InlineData("{{ 1 }}\n{{ a.b.c }}", TemplateErrorKind.Undefined, 2, 5)]
    [InlineData("{{ ''.__class__.__mro__ }}", TemplateErrorKind.Security, 1, 16)]
    [InlineData("{{ [].append(1) }}", TemplateErrorKind.Security, 1, 13)]
    [InlineData("{% set ns = namespace(_x=1) %}", TemplateErrorKind.Security, 1, 22)]
    [InlineData("{{ 'a' + 1 }}", TemplateErrorKind.Type, 1, 8)]
    [InlineData("{{ 1 % 0 }}", TemplateErrorKind.DivisionByZero, 1, 6)]
    [InlineData("{% set a, b = [1] %}", TemplateErrorKind.Value, 1, 8)]
    [InlineData("{% include 'x' %}", TemplateErrorKind.Type, 1, 1)]
    [InlineData("{% break %}", TemplateErrorKind.Syntax, 1, 4)]
    public void An_error_says_what_and_where(string template, TemplateErrorKind kind, int line, int column)
    {
        var error = Fails(template);
        Assert.Equal((kind, line, column), (error.Kind, error.Line, error.Column));
        Assert.StartsWith($"Chat template, line {line}, column {column}: ", error.Message);
    }

    [Fact]
    public void A_template_that_refuses_speaks_for_itself()
    {
        var error = Fails("\n{{ raise_exception('Only user and assistant, please.') }}");
        Assert.Equal("Only user and assistant, please.", error.Message);
        Assert.Equal((TemplateErrorKind.Raised, 2), (error.Kind, error.Line));
    }

    [Fact]
    public void An_unknown_filter_in_a_branch_fails_only_when_it_is_reached()
    {
        Assert.Equal("", Render("{% if x %}{{ 1 | nosuch }}{% endif %}"));
        Assert.Equal(TemplateErrorKind.Runtime, Fails("{% if not x %}{{ 1 | nosuch }}{% endif %}").Kind);
    }

    [Fact]
    public void Generation_spans_count_code_points()
    {
        var rendered = JinjaTemplate.Parse("😀{% generation %}é😀{% endgeneration %}|{% generation %}{% endgeneration %}").Render([]);
        Assert.Equal("😀é😀|", rendered.Text);
        Assert.Equal([new GenerationSpan(1, 3), new GenerationSpan(4, 4)], rendered.Generation);
    }

    [Fact]
    public void A_template_renders_the_same_on_many_threads()
    {
        var template = JinjaTemplate.Parse("{% macro m(x) %}<{{ x }}>{% endmacro %}{% for i in range(n) %}{{ m(i) }}{{ loop.last }}{% endfor %}");
        string Once(int n) => template.Render([new("n", n)]).Text;
        var expected = Enumerable.Range(0, 50).Select(Once).ToArray();
        Assert.All(ParallelEnumerable.Range(0, 500).Select(i => (i % 50, Once(i % 50))).ToArray(), p =>
            Assert.Equal(expected[p.Item1], p.Item2));
    }

    [Fact]
    public void Whatever_the_text_a_template_renders_or_fails_with_its_own_error() =>
        Gen.OneOf("{{", "}}", "{%", "%}", "{#", "#}", "-", "+", " ", "\n", "if", "for", "in", "set", "macro", "endif",
            "endfor", "x", "'", "\"", "\\",
            "(", ")", "[", "]", "{", "}", "|", "~", ".", ",", ":", "1", "1.5", "is", "not", "loop", "raw", "endraw", "=", "**",
                "😀", "\ud83d", "join", "call", "generation")
            .Array[0, 30].Sample(pieces =>
            {
                try
                {
                    Render(string.Concat(pieces), """{"x": [1, {"a": "b"}]}""");
                }
                catch (TemplateException error)
                {
                    Assert.NotEmpty(error.Reason);
                }
            }, iter: 20_000, threads: 1);
}
