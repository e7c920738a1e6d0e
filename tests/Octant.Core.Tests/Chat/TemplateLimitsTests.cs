using Octant.Chat;
using Octant.Chat.Jinja;

namespace Octant.Core.Tests.Chat;

/// <summary>A stranger's template ends in a clear error whatever it tries: no hang, no exhausted memory, no overflown stack.</summary>
public sealed class TemplateLimitsTests
{
    static readonly TemplateLimits Small = new() { Steps = 300_000, Memory = 2_000_000, Output = 100_000, Depth = 100 };

    [Theory]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'x' * 10 ** 12 }}")]
    [InlineData("{{ [0] * 10 ** 9 }}")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=1, y=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m() %}{{ caller }}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{{ 'a' | center(10 ** 12) }}")]
    [InlineData("{{ 'a'.ljust(999999999) }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ '{:>999999999}'.format(1) }}")]
    [InlineData("{{ 'a\\nb' | indent(999999999) }}")]
    [InlineData("{{ [[1]] | tojson(indent=999999999) }}")]
    [InlineData("{{ ('ab' * 1000).replace('', 'x' * 10000) }}")]
    [InlineData("{{ ('x' * 10000).join(['a'] * 10000) }}")]
    [InlineData("{{ (['a'] * 10000) | join('x' * 10000) }}")]
    [InlineData("{{ [1] | batch(999999999, 'x') | list }}")]
    [InlineData("{{ [1] | slice(999999999, 'x') | list }}")]
    [InlineData("{{ '\\t'.expandtabs(999999999) }}")]
    [InlineData("{% for i in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}")]
    [InlineData("{% set a = ('a' * 900000) %}{% for i in range(99999) %}{% if ('b' * 40) in a %}{% endif %}{% endfor %}")]
    [InlineData("{{ ('x' * 500000) | wordwrap(1) }}")]
    public void Too_much_ends_in_an_error(string template)
    {
        var error = Assert.Throws<TemplateException>(() => JinjaTemplate.Parse(template).Render([], Small));
        Assert.True(error.Kind is TemplateErrorKind.Limit or TemplateErrorKind.Overflow, error.Message);
    }

    [Theory]
    [InlineData("{{ 10 ** (10 ** 10) }}")]
    [InlineData("{{ 2 ** 99999999 }}")]
    [InlineData("{{ range(10 ** 30) }}")]
    public void Numbers_stay_printable(string template) =>
        Assert.Equal(TemplateErrorKind.Overflow,
            Assert.Throws<TemplateException>(() => JinjaTemplate.Parse(template).Render([])).Kind);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("not ", "1", "")]
    [InlineData("-", "1", "")]
    [InlineData("1 if 1 else ", "1", "")]
    [InlineData("", "1", " + 1")]
    [InlineData("", "x", ".a")]
    [InlineData("", "x", "|string")]
    [InlineData("f(", "1", ")")]
    public void Deep_expressions_end_in_an_error_or_a_value(string before, string middle, string after)
    {
        var template = $"{{{{ {string.Concat(Enumerable.Repeat(before, 100_000))}{middle}{string.Concat(Enumerable.Repeat(after, 100_000))} }}}}";
        Assert.NotEqual(TemplateErrorKind.Raised,
            Record.Exception(() => JinjaTemplate.Parse(template).Render([])) is TemplateException error
            ? error.Kind : TemplateErrorKind.Value);
    }

    [Fact]
    public void Deep_blocks_end_in_an_error()
    {
        var template = string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000))
            + string.Concat(Enumerable.Repeat("{% endif %}", 100_000));
        Assert.Equal(TemplateErrorKind.Limit, Assert.Throws<TemplateException>(() => JinjaTemplate.Parse(template)).Kind);
    }

    [Fact]
    public void A_long_conversation_stays_far_below_the_defaults()
    {
        var template = JinjaTemplate.Parse("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m | length %}"
            + "{{ '<|im_start|>' + m + '<|im_end|>\n' }}{% endfor %}{{ ns.n }}");
        var messages = new System.Text.Json.Nodes.JsonArray([.. Enumerable.Range(0, 5000).Select(_ =>
            (System.Text.Json.Nodes.JsonNode)new string('x', 1000))]);
        Assert.EndsWith("5000000", template.Render([new("messages", messages)]).Text);
    }
}
