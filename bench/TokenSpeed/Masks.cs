using System.Diagnostics;
using Octant.Constraints;
using Octant.Tokenizers;

namespace TokenSpeed;

/// <summary>What a mask costs: along a text of each constraint, the first time and when its states are known.</summary>
static class Masks
{
    static readonly (string Name, Func<Constraint> Build, string Text)[] cases =
    [
        ("tool call", () => Constraint.FromJsonSchema("""{"type":"object","properties":{"name":{"enum":["get_weather","add"]},"arguments":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":14}},"required":["city","days"],"additionalProperties":false}},"required":["name","arguments"],"additionalProperties":false}"""),
            """{"name": "get_weather", "arguments": {"city": "Santiago de Compostela, in the far west", "days": 12}}"""),
        ("person", () => Constraint.FromJsonSchema("""{"type":"object","properties":{"name":{"type":"string","maxLength":40},"email":{"type":"string","format":"email"},"born":{"type":"string","format":"date"},"tags":{"type":"array","items":{"type":"string","pattern":"^[a-z]+$"},"maxItems":5}},"required":["name","email","born"]}"""),
            """{"name": "Grace Brewster Hopper", "email": "grace@navy.example.org", "born": "1906-12-09", "tags": ["compiler", "navy"]}"""),
        ("texts", () => Constraint.FromJsonSchema("""{"type":"object","properties":{"title":{"type":"string","minLength":1,"maxLength":120},"slug":{"type":"string","pattern":"^[a-zA-Z0-9_-]+$","minLength":3,"maxLength":100},"link":{"type":"string","format":"uri","maxLength":2083},"mail":{"type":"string","pattern":"^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$","maxLength":320},"text":{"type":"string","maxLength":5000}},"required":["title","slug","link","mail","text"]}"""),
            """{"title": "A walk along the river at night", "slug": "a-walk-along-the-river", "link": "https://octant.dev/walks/2024/river?at=night#start", "mail": "someone@example.com", "text": "We set out when the lamps were lit, and came back when the birds began to sing in the trees."}"""),
        ("any JSON", () => Constraint.FromJson(), """{"a": [1, 2.5, {"deep": {"deeper": [null, true, "text with words in it"]}}], "b": "more text, and more of it"}"""),
        ("e-mails", () => Constraint.FromRegex(@"(\w+@\w+\.(com|org))(, ?\w+@\w+\.(com|org))*"), "someone@example.com, nobody@nowhere.org, jürgen@straße.com"),
        ("arithmetic", () => Constraint.FromGbnf("root ::= sum\nsum ::= sum (\"+\" | \"-\") product | product\nproduct ::= product \"*\" factor | factor\nfactor ::= [0-9]+ | \"(\" sum \")\""), "(12+3*(45-6))*7+89-(1+2+3+4)*5"),
    ];

    public static int Run(string file)
    {
        var clock = Stopwatch.StartNew();
        var tokenizer = Tokenizer.Open(file);
        var opened = clock.Elapsed;
        var vocabulary = new TokenVocabulary(tokenizer);
        Console.WriteLine($"{vocabulary.Size:N0} tokens; opened in {opened.TotalMilliseconds:F0} ms, arranged in {(clock.Elapsed - opened).TotalMilliseconds:F0} ms");
        var scores = new float[vocabulary.Size];
        // Until the code itself has been compiled for speed.
        for (var round = 0; round < 40; round++)
        {
            Walk(cases[0].Build().Open(vocabulary), tokenizer, cases[0].Text, scores);
            Thread.Sleep(10);
        }
        foreach (var (name, build, text) in cases)
        {
            clock.Restart();
            var constraint = build();
            var compiled = clock.Elapsed.TotalMilliseconds;
            clock.Restart();
            constraint.Open(vocabulary);
            var bound = clock.Elapsed.TotalMilliseconds;
            var first = Walk(constraint.Open(vocabulary), tokenizer, text, scores);
            var again = Enumerable.Range(0, 5).SelectMany(_ => Walk(constraint.Open(vocabulary), tokenizer, text, scores)).ToList();
            Console.WriteLine($"{name,-11} compiled {compiled,5:F0} ms, bound {bound,4:F0} ms; a mask of {first.Count} first: median {Median(first),6:F0} us, worst {first.Max(),6:F0} us; again: median {Median(again),4:F0} us, worst {again.Max(),4:F0} us");
        }
        return 0;
    }

    /// <summary>Microseconds of each mask, put on scores, along a text's tokens.</summary>
    static List<double> Walk(ConstraintState state, Tokenizer tokenizer, string text, float[] scores)
    {
        var times = new List<double>();
        foreach (var id in tokenizer.EncodeIds(text, addSpecialTokens: false))
        {
            var start = Stopwatch.GetTimestamp();
            state.Mask(scores);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            if (state.Take(id, 1_000_000) != id) throw new InvalidOperationException($"{text} is not what the constraint says.");
        }
        return times;
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
