namespace Octant.Chat.Jinja;

/// <summary>
/// The expressions. From loose to tight: if-else, or, and, not, comparisons, + and -, ~, * / // %, ** (from the left), signs, and tightest
/// attributes, calls, filters and tests.
/// </summary>
sealed partial class Parser
{
    Expression ParseExpression(bool conditions = true)
    {
        Budget.CheckStack();
        if (!conditions) return Disjunction();
        var before = unknown.Count;
        var at = Current.At;
        var value = Disjunction();
        while (SkipName("if"))
        {
            var test = Disjunction();
            value = new Conditional(at, test, value, SkipName("else") ? ParseExpression() : null);
            unknown.RemoveRange(before, unknown.Count - before);
        }
        return value;
    }

    /// <summary>An expression, or several with commas between them: a tuple that needs no parentheses.</summary>
    Expression Tuple(bool conditions = true, string? end = null, bool inParentheses = false)
    {
        var at = Current.At;
        var items = new List<Expression>();
        var isTuple = false;
        while (!(Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || IsOperator(")")
            || (end is not null && IsName(end))))
        {
            items.Add(ParseExpression(conditions));
            if (!SkipOperator(",")) break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 1) return items[0];
        return items.Count > 0 || inParentheses ? new TupleOf(at, [.. items]) : throw Unexpected("an expression");
    }

    Expression Disjunction()
    {
        var left = Conjunction();
        while (Current.At is var at && SkipName("or")) left = new Or(at, left, Conjunction());
        return left;
    }

    Expression Conjunction()
    {
        var left = Negation();
        while (Current.At is var at && SkipName("and")) left = new And(at, left, Negation());
        return left;
    }

    Expression Negation()
    {
        Budget.CheckStack();
        var at = Current.At;
        return SkipName("not") ? new Not(at, Negation()) : Compared();
    }

    Expression Compared()
    {
        var at = Current.At;
        var first = Sum();
        var rest = new List<(string, Expression)>();
        while (Comparator() is { } symbol) rest.Add((symbol, Sum()));
        return rest.Count == 0 ? first : new Comparison(at, first, [.. rest]);
    }

    string? Comparator()
    {
        if (Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" }) return Take().Text;
        if (SkipName("in")) return "in";
        if (!IsName("not") || tokens[next + 1] is not { Kind: TokenKind.Name, Text: "in" }) return null;
        next += 2;
        return "not in";
    }

    Expression Sum()
    {
        var left = Concatenated();
        while (IsOperator("+") || IsOperator("-")) left = new Binary(Current.At, Take().Text, left, Concatenated());
        return left;
    }

    Expression Concatenated()
    {
        var at = Current.At;
        var items = new List<Expression> { Product() };
        while (SkipOperator("~")) items.Add(Product());
        return items.Count == 1 ? items[0] : new Concatenation(at, [.. items]);
    }

    Expression Product()
    {
        var left = Power();
        while (IsOperator("*") || IsOperator("/") || IsOperator("//") || IsOperator("%"))
            left = new Binary(Current.At, Take().Text, left, Power());
        return left;
    }

    Expression Power()
    {
        var left = Signed(filters: true);
        while (IsOperator("**")) left = new Binary(Current.At, Take().Text, left, Signed(filters: true));
        return left;
    }

    Expression Signed(bool filters)
    {
        Budget.CheckStack();
        Expression value = IsOperator("-") || IsOperator("+") ? new Unary(Current.At, Take().Text[0], Signed(filters: false))
            : Primary();
        value = Postfix(value);
        return filters ? Filters(value, value) : value;
    }

    Expression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name: return NameOrConstant(Take());
            case TokenKind.Text: return TextConstant();
            case TokenKind.Integer or TokenKind.Float: return new Constant(token.At, Take().Value);
            case TokenKind.Operator when token.Text == "(":
                next++;
                var inner = Tuple(inParentheses: true);
                ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                next++;
                return new ListOf(token.At, [.. Separated("]", () => ParseExpression())]);
            case TokenKind.Operator when token.Text == "{":
                next++;
                return new DictOf(token.At, [.. Separated("}", DictEntry)]);
            default: throw Unexpected("an expression");
        }
    }

    Expression NameOrConstant(Token name)
    {
        switch (name.Text)
        {
            case "true" or "True": return new Constant(name.At, true);
            case "false" or "False": return new Constant(name.At, false);
            case "none" or "None": return new Constant(name.At, null);
            case "caller": used |= Names.Caller; break;
            case "varargs": used |= Names.Varargs; break;
            case "kwargs": used |= Names.Kwargs; break;
        }
        return new Variable(name.At, name.Text);
    }

    /// <summary>Texts side by side are one.</summary>
    Constant TextConstant()
    {
        var at = Current.At;
        var parts = new List<string>();
        while (Current.Kind == TokenKind.Text) parts.Add((string)Take().Value!);
        return new Constant(at, string.Concat(parts));
    }

    (Expression, Expression) DictEntry()
    {
        var key = ParseExpression();
        ExpectOperator(":");
        return (key, ParseExpression());
    }

    List<T> Separated<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(end)) break;
            }
            items.Add(parse());
        }
        return items;
    }

    Expression Postfix(Expression value)
    {
        while (Current.Kind == TokenKind.Operator)
        {
            var at = Current.At;
            if (SkipOperator(".")) value = AfterDot(value, at);
            else if (SkipOperator("[")) value = InBrackets(value, at);
            else if (IsOperator("(")) value = new Call(at, value, CallArguments());
            else break;
        }
        return value;
    }

    Expression AfterDot(Expression value, int at)
    {
        var token = Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeOf(at, value, token.Text),
            TokenKind.Integer => new ItemOf(at, value, new Constant(token.At, token.Value)),
            _ => throw Fault($"expected a name or number after '.', got {token}", token.At),
        };
    }

    Expression InBrackets(Expression value, int at)
    {
        Expression? start = null;
        if (!IsOperator(":"))
        {
            start = ParseExpression();
            if (SkipOperator("]")) return new ItemOf(at, value, start);
            if (IsOperator(",")) return TupleKey(value, start, at);
        }
        ExpectOperator(":");
        var stop = IsOperator("]") || IsOperator(":") ? null : ParseExpression();
        var step = SkipOperator(":") && !IsOperator("]") ? ParseExpression() : null;
        ExpectOperator("]");
        return new SliceOf(at, value, start, stop, step);
    }

    ItemOf TupleKey(Expression value, Expression first, int at)
    {
        var items = new List<Expression> { first };
        while (SkipOperator(",")) items.Add(ParseExpression());
        ExpectOperator("]");
        return new ItemOf(at, value, new TupleOf(at, [.. items]));
    }

    CallArguments CallArguments()
    {
        ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? starred = null, doubleStarred = null;
        for (var first = true; !SkipOperator(")"); first = false)
        {
            if (!first)
            {
                ExpectOperator(",");
                if (SkipOperator(")")) break;
            }
            var at = Current.At;
            var fits = doubleStarred is null;
            if (SkipOperator("*"))
            {
                fits &= starred is null;
                starred = ParseExpression();
            }
            else if (SkipOperator("**")) doubleStarred = ParseExpression();
            else if (Current.Kind == TokenKind.Name && tokens[next + 1] is { Kind: TokenKind.Operator, Text: "=" })
            {
                var name = Take().Text;
                next++;
                named.Add((name, ParseExpression()));
            }
            else
            {
                fits &= starred is null && named.Count == 0;
                positional.Add(ParseExpression());
            }
            if (!fits) throw Fault("arguments in an order that no call may have", at);
        }
        return new CallArguments([.. positional], [.. named], starred, doubleStarred);
    }

    /// <summary>The filters, tests and calls that follow a value.</summary>
    Expression Filters(Expression? input, Expression value)
    {
        while (true)
        {
            if (SkipOperator("|")) value = Filter(value);
            else if (input is not null && IsName("is")) value = Test(value);
            else if (input is not null && IsOperator("(")) value = new Call(Current.At, value, CallArguments());
            else return value;
        }
    }

    Filtered Filter(Expression? input)
    {
        var at = Current.At;
        var name = DottedName("a filter's name");
        if (!Jinja.Filters.Exists(name))
            unknown.Add(new SyntaxFault(TemplateErrorKind.UnknownName, Jinja.Filters.Unknown(name), at));
        return new Filtered(at, input, name, IsOperator("(") ? CallArguments() : Jinja.CallArguments.None);
    }

    string DottedName(string what)
    {
        var name = Expect(TokenKind.Name, what).Text;
        while (SkipOperator(".")) name += "." + Expect(TokenKind.Name, what).Text;
        return name;
    }

    Expression Test(Expression input)
    {
        var at = Current.At;
        ExpectName("is");
        var negated = SkipName("not");
        var name = DottedName("a test's name");
        if (!Tests.Exists(name)) unknown.Add(new SyntaxFault(TemplateErrorKind.UnknownName, Tests.Unknown(name), at));
        Expression test = new Tested(at, input, name, IsOperator("(") ? CallArguments() : BareArgument());
        return negated ? new Not(at, test) : test;
    }

    /// <summary>A test takes one argument without parentheses: 'x is divisibleby 3'.</summary>
    CallArguments BareArgument()
    {
        if (IsName("is")) throw Fault("tests cannot be chained with 'is'", Current.At);
        var begins = Current.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Float || IsOperator("(")
            || IsOperator("[") || IsOperator("{")
            || (Current.Kind == TokenKind.Name && !IsName("else") && !IsName("or") && !IsName("and"));
        return begins ? new CallArguments([Postfix(Primary())], [], null, null) : Jinja.CallArguments.None;
    }
}
