namespace Octant.Chat.Jinja;

// The tree of a template. At is the offset in the source, for errors.

abstract record Expression(int At);
sealed record Constant(int At, object? Value) : Expression(At);
sealed record Variable(int At, string Name) : Expression(At);
sealed record TupleOf(int At, Expression[] Items) : Expression(At);
sealed record ListOf(int At, Expression[] Items) : Expression(At);
sealed record DictOf(int At, (Expression Key, Expression Value)[] Entries) : Expression(At);
sealed record Conditional(int At, Expression Test, Expression Then, Expression? Else) : Expression(At);
sealed record Or(int At, Expression Left, Expression Right) : Expression(At);
sealed record And(int At, Expression Left, Expression Right) : Expression(At);
sealed record Not(int At, Expression Operand) : Expression(At);
sealed record Unary(int At, char Symbol, Expression Operand) : Expression(At);
sealed record Binary(int At, string Symbol, Expression Left, Expression Right) : Expression(At);
sealed record Concatenation(int At, Expression[] Items) : Expression(At);

/// <summary>a &lt; b &lt;= c: each operand is computed once, and only while the comparisons before hold.</summary>
sealed record Comparison(int At, Expression First, (string Symbol, Expression Operand)[] Rest) : Expression(At);
sealed record AttributeOf(int At, Expression Of, string Name) : Expression(At);
sealed record ItemOf(int At, Expression Of, Expression Key) : Expression(At);
sealed record SliceOf(int At, Expression Of, Expression? Start, Expression? Stop, Expression? Step) : Expression(At);
sealed record Call(int At, Expression Target, CallArguments Arguments) : Expression(At);

/// <summary>A filter; without input it takes the text of the block that it stands at.</summary>
sealed record Filtered(int At, Expression? Input, string Name, CallArguments Arguments) : Expression(At);
sealed record Tested(int At, Expression Input, string Name, CallArguments Arguments) : Expression(At);

/// <summary>What stands between the parentheses of a call.</summary>
sealed record CallArguments(Expression[] Positional, (string Name, Expression Value)[] Named, Expression? Starred,
    Expression? DoubleStarred)
{
    public static CallArguments None { get; } = new([], [], null, null);
}

abstract record Target(int At);
sealed record VariableTarget(int At, string Name) : Target(At);
sealed record NamespaceTarget(int At, string Namespace, string Name) : Target(At);
sealed record TupleTarget(int At, Target[] Items) : Target(At);

abstract record Statement(int At);
sealed record TextOutput(int At, string Text) : Statement(At);
sealed record Output(int At, Expression Value) : Statement(At);

/// <summary>if, elif, ..., else: the last branch has no test where it is an else.</summary>
sealed record If(int At, (Expression? Test, Statement[] Body)[] Branches) : Statement(At);
sealed record For(int At, Target Target, Expression Items, Expression? Filter, Statement[] Body, Statement[] Otherwise,
    bool Recursive) : Statement(At);
sealed record Set(int At, Target Target, Expression Value) : Statement(At);
sealed record SetBlock(int At, Target Target, Filtered? Filter, Statement[] Body) : Statement(At);
sealed record With(int At, (Target Target, Expression Value)[] Bindings, Statement[] Body) : Statement(At);

/// <summary>A macro, or the body of a call block; what of caller, varargs and kwargs its body names, it takes.</summary>
sealed record MacroDefinition(int At, string Name, (string Name, Expression? Default)[] Parameters, Statement[] Body,
    bool TakesCaller, bool TakesVarargs, bool TakesKwargs) : Statement(At);
sealed record CallBlock(int At, Call Call, MacroDefinition Body) : Statement(At);
sealed record FilterBlock(int At, Filtered Filter, Statement[] Body) : Statement(At);

/// <summary>What the assistant says: its place in the text is reported.</summary>
sealed record Generation(int At, Statement[] Body) : Statement(At);

/// <summary>A named block: without inheritance it is printed where it stands, but sees no variables of loops around it.</summary>
sealed record Block(int At, Statement[] Body) : Statement(At);

/// <summary>include, import, from, extends: there are no other templates to load.</summary>
sealed record Load(int At) : Statement(At);
sealed record Break(int At) : Statement(At);
sealed record Continue(int At) : Statement(At);
