namespace Octant.Chat.Jinja;

/// <summary>Builds the tree of a template: its statements. The expressions are in the other half of this class.</summary>
sealed partial class Parser
{
    readonly List<Token> tokens;
    int next;
    int loops;
    Names used;

    // A filter or test that does not exist is an error at once, except in the branches of an 'if', where it is one when it is reached.
    readonly List<SyntaxFault> unknown = [];
    readonly List<SyntaxFault> certain = [];

    [Flags]
    enum Names { None = 0, Caller = 1, Varargs = 2, Kwargs = 4 }

    Parser(List<Token> tokens) => this.tokens = tokens;

    /// <summary>Parses a source whose line ends are normalised.</summary>
    public static Statement[] Parse(string source)
    {
        var parser = new Parser(Lexer.Read(source));
        var body = parser.Frame(() => parser.Statements());
        if (parser.Current.Kind != TokenKind.End) throw parser.Unexpected("a statement");
        return parser.certain.Count > 0 ? throw parser.certain[0] : body;
    }

    Token Current => tokens[next];

    Token Take() => tokens[next++];

    bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    bool IsOperator(string symbol) => Current.Kind == TokenKind.Operator && Current.Text == symbol;

    bool SkipName(string name)
    {
        if (!IsName(name)) return false;
        next++;
        return true;
    }

    bool SkipOperator(string symbol)
    {
        if (!IsOperator(symbol)) return false;
        next++;
        return true;
    }

    void ExpectOperator(string symbol)
    {
        if (!SkipOperator(symbol)) throw Unexpected($"'{symbol}'");
    }

    void ExpectName(string name)
    {
        if (!SkipName(name)) throw Unexpected($"'{name}'");
    }

    Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    void ExpectBlockEnd() => Expect(TokenKind.BlockEnd, "the end of the statement");

    SyntaxFault Unexpected(string expected) => Fault($"expected {expected}, got {Current}", Current.At);

    static SyntaxFault Fault(string message, int at) => new(TemplateErrorKind.Syntax, message, at);

    /// <summary>Parses what has variables of its own, where unknown filters are certain errors.</summary>
    T Frame<T>(Func<T> parse)
    {
        var before = unknown.Count;
        var parsed = parse();
        certain.AddRange(unknown.Skip(before));
        unknown.RemoveRange(before, unknown.Count - before);
        return parsed;
    }

    /// <summary>Statements up to one of the given end tags, which is left as the current token; at the top, up to the end.</summary>
    Statement[] Statements(params string[] ends)
    {
        Budget.CheckStack();
        var body = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            var token = Take();
            if (token.Kind == TokenKind.Data) body.Add(new TextOutput(token.At, token.Text));
            else if (token.Kind == TokenKind.VariableBegin)
            {
                body.Add(new Output(token.At, Tuple()));
                Expect(TokenKind.VariableEnd, "'}}'");
            }
            else
            {
                if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text)) return [.. body];
                body.Add(Statement(token.At, ends));
                ExpectBlockEnd();
            }
        }
        return ends.Length == 0 ? [.. body]
            : throw Fault($"the template ends before {string.Join(" or ", ends.Select(end => $"'{end}'"))}", Current.At);
    }

    /// <summary>The statements of a block: after its head, up to its end tag, which is taken.</summary>
    Statement[] Body(params string[] ends)
    {
        ExpectBlockEnd();
        var body = Statements(ends);
        if (ends.Length == 1) next++;
        return body;
    }

    Statement Statement(int at, string[] ends)
    {
        var tag = Expect(TokenKind.Name, "the name of a statement");
        switch (tag.Text)
        {
            case "for": return For(at);
            case "if": return If(at);
            case "set": return Set(at);
            case "with": return With(at);
            case "macro": return Macro(at);
            case "call": return CallBlock(at);
            case "filter": return Frame(() => new FilterBlock(at, BlockFilter(), Body("endfilter")));
            case "generation": return Isolated(() => new Generation(at, Body("endgeneration")));
            case "block": return Block(at);
            case "print": return new Output(at, Tuple());
            case "break" or "continue":
                if (loops == 0) certain.Add(Fault($"'{tag.Text}' outside of a loop", tag.At));
                return tag.Text == "break" ? new Break(at) : new Continue(at);
            case "include" or "import" or "from" or "extends":
                while (Current.Kind is not (TokenKind.BlockEnd or TokenKind.End)) next++;
                return new Load(at);
            case "autoescape": throw Fault("'autoescape' makes HTML, which no prompt is", tag.At);
        }
        throw Fault($"unknown statement '{tag.Text}'{(ends.Length > 0 ? $" (open here: {string.Join(" or ", ends)})" : "")}",
            tag.At);
    }

    /// <summary>What becomes a function of its own: break and continue do not reach out of it.</summary>
    T Isolated<T>(Func<T> parse)
    {
        var outside = loops;
        loops = 0;
        var parsed = Frame(parse);
        loops = outside;
        return parsed;
    }

    For For(int at)
    {
        var target = ParseTarget("in");
        if (target is VariableTarget { Name: "loop" }) throw Fault("a loop cannot assign the variable 'loop'", target.At);
        ExpectName("in");
        var items = Tuple(conditions: false, end: "recursive");
        return Frame(() =>
        {
            var filter = SkipName("if") ? ParseExpression() : null;
            var recursive = SkipName("recursive");
            loops++;
            var body = Body("endfor", "else");
            loops--;
            var otherwise = Take().Text == "endfor" ? [] : Frame(() => Body("endfor"));
            return new For(at, target, items, filter, body, otherwise, recursive);
        });
    }

    If If(int at)
    {
        var before = unknown.Count;
        var branches = new List<(Expression?, Statement[])>();
        do
        {
            var test = Tuple(conditions: false);
            branches.Add((test, Body("elif", "else", "endif")));
        }
        while (Take().Text == "elif");
        if (tokens[next - 1].Text == "else") branches.Add((null, Body("endif")));
        unknown.RemoveRange(before, unknown.Count - before);
        return new If(at, [.. branches]);
    }

    Statement Set(int at)
    {
        var target = ParseTarget(end: null, namespaces: true);
        if (SkipOperator("=")) return new Set(at, target, Tuple());
        return Frame(() => new SetBlock(at, target, IsOperator("|") ? BlockFilter() : null, Body("endset")));
    }

    With With(int at)
    {
        var bindings = new List<(Target, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0) ExpectOperator(",");
            var target = ParseTarget(end: null, tuple: false);
            ExpectOperator("=");
            bindings.Add((target, ParseExpression()));
        }
        return Frame(() => new With(at, [.. bindings], Body("endwith")));
    }

    MacroDefinition Macro(int at)
    {
        var name = Expect(TokenKind.Name, "the macro's name");
        return MacroBody(at, name.Text, Signature(), "endmacro");
    }

    MacroDefinition MacroBody(int at, string macro, (string, Expression?)[] parameters, string end)
    {
        var outside = used;
        used = Names.None;
        var body = Isolated(() => Body(end));
        var inside = used;
        used |= outside;
        bool Takes(Names special, string name) => inside.HasFlag(special) && !parameters.Any(p => p.Item1 == name);
        return new MacroDefinition(at, macro, parameters, body, inside.HasFlag(Names.Caller), Takes(Names.Varargs, "varargs"),
            Takes(Names.Kwargs, "kwargs"));
    }

    (string, Expression?)[] Signature()
    {
        ExpectOperator("(");
        var parameters = new List<(string, Expression?)>();
        while (!SkipOperator(")"))
        {
            if (parameters.Count > 0) ExpectOperator(",");
            var name = Expect(TokenKind.Name, "a parameter's name");
            var otherwise = SkipOperator("=") ? ParseExpression() : null;
            if (otherwise is null && parameters.Any(p => p.Item2 is not null))
                throw Fault("a parameter without default follows one with default", name.At);
            parameters.Add((name.Text, otherwise));
        }
        return [.. parameters];
    }

    CallBlock CallBlock(int at)
    {
        var parameters = IsOperator("(") ? Signature() : [];
        if (ParseExpression() is not Call call) throw Fault("a call block needs a call", at);
        return new CallBlock(at, call, MacroBody(at, "", parameters, "endcall"));
    }

    Block Block(int at)
    {
        var name = Expect(TokenKind.Name, "the block's name");
        SkipName("scoped");
        SkipName("required");
        return Isolated(() =>
        {
            ExpectBlockEnd();
            var body = Statements("endblock");
            next++;
            SkipName(name.Text);
            return new Block(at, body);
        });
    }

    Filtered BlockFilter()
    {
        SkipOperator("|");
        return (Filtered)Filters(null, Filter(null));
    }

    Target ParseTarget(string? end, bool tuple = true, bool namespaces = false)
    {
        var at = Current.At;
        var items = new List<Target>();
        var isTuple = false;
        while (!(isTuple && EndsTarget(end)))
        {
            items.Add(SingleTarget(end, namespaces));
            if (!tuple || !SkipOperator(",")) break;
            isTuple = true;
        }
        return isTuple ? new TupleTarget(at, [.. items]) : items[0];
    }

    bool EndsTarget(string? end) => Current.Kind == TokenKind.BlockEnd || IsOperator(")") || IsOperator("]") || IsOperator("=")
        || IsOperator("|") || (end is not null && IsName(end));

    Target SingleTarget(string? end, bool namespaces)
    {
        Budget.CheckStack();
        var token = Take();
        if (token is { Kind: TokenKind.Operator, Text: "(" or "[" })
        {
            var inner = ParseTarget(end, true, namespaces);
            ExpectOperator(token.Text == "(" ? ")" : "]");
            return inner is TupleTarget || token.Text == "(" ? inner : new TupleTarget(token.At, [inner]);
        }
        if (token.Kind != TokenKind.Name || token.Text is "true" or "True" or "false" or "False" or "none" or "None")
            throw Fault($"cannot assign to {token}", token.At);
        if (namespaces && SkipOperator("."))
            return new NamespaceTarget(token.At, token.Text, Expect(TokenKind.Name, "an attribute's name").Text);
        return new VariableTarget(token.At, token.Text);
    }
}
