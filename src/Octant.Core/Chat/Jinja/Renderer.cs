using System.Text;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>Runs a template once: its statements. The expressions are in the other half of this class.</summary>
sealed partial class Renderer
{
    readonly Scope top;
    readonly StringBuilder text = new();
    readonly List<GenerationSpan> spans = [];
    StringBuilder output;
    (int Utf16, int CodePoints) counted;

    enum Flow { Next, Break, Continue }

    public Renderer(IReadOnlyDictionary<string, object?> variables, TemplateLimits limits, TimeProvider clock)
    {
        Budget = new Budget(limits);
        Clock = clock;
        output = text;
        var given = new Scope(null);
        foreach (var (name, value) in Globals.All) given[name] = value;
        foreach (var (name, value) in variables) given[name] = value;
        top = new Scope(given);
    }

    public Budget Budget { get; }

    public TimeProvider Clock { get; }

    /// <summary>Where in the source the latest operation stands, for errors.</summary>
    public int Position { get; private set; }

    public (string Text, IReadOnlyList<GenerationSpan> Spans) Render(Statement[] body)
    {
        Execute(body, top);
        return (text.ToString(), spans);
    }

    Flow Execute(Statement[] body, Scope scope)
    {
        Budget.CheckStack();
        foreach (var statement in body)
        {
            Budget.Step();
            if (Execute(statement, scope) is not Flow.Next and var flow) return flow;
        }
        return Flow.Next;
    }

    Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case TextOutput data: Write(data.Text); return Flow.Next;
            case Output print: Write(PythonText.Str(Evaluate(print.Value, scope), Budget)); return Flow.Next;
            case If branches: return ExecuteIf(branches, scope);
            case For loop: return ExecuteFor(loop, scope);
            case Set set:
                CheckNamespaces(set.Target, scope);
                Assign(set.Target, Evaluate(set.Value, scope), scope, scope);
                return Flow.Next;
            case SetBlock set: return ExecuteSet(set, scope);
            case With with: return ExecuteWith(with, scope);
            case MacroDefinition macro: scope[macro.Name] = new Macro(macro, scope); return Flow.Next;
            case CallBlock call: Write(PythonText.Str(ExecuteCall(call, scope), Budget)); return Flow.Next;
            case FilterBlock filter: return ExecuteFilter(filter, scope);
            case Generation generation: ExecuteGeneration(generation, scope); return Flow.Next;
            case Block block: Execute(block.Body, new Scope(top)); return Flow.Next;
            case Break: return Flow.Break;
            case Continue: return Flow.Continue;
        }
        Position = statement.At;
        throw PythonError.Type("a chat template stands alone: it cannot include, import or extend another");
    }

    void Write(string piece)
    {
        if (piece.Length == 0) return;
        Budget.Allocate(piece.Length);
        output.Append(piece);
        Budget.CheckOutput(output.Length);
    }

    /// <summary>The text that a body writes.</summary>
    string Capture(Statement[] body, Scope scope, out Flow flow)
    {
        var outside = output;
        output = new StringBuilder();
        try
        {
            flow = Execute(body, scope);
            return output.ToString();
        }
        finally
        {
            output = outside;
        }
    }

    Flow ExecuteIf(If branches, Scope scope)
    {
        foreach (var (test, body) in branches.Branches)
            if (test is null || Operators.Truth(Evaluate(test, scope))) return Execute(body, scope);
        return Flow.Next;
    }

    Flow ExecuteFor(For loop, Scope scope)
    {
        var items = Evaluate(loop.Items, scope);
        Position = loop.At;
        return RunLoop(loop, items, 0, scope);
    }

    Flow RunLoop(For node, object? items, int depth, Scope scope)
    {
        var values = Operators.Iterate(items);
        if (node.Filter is not null) values = values.Where(item => Passes(node, item, scope));
        var length = node.Filter is null && items is not Generator ? Operators.Length(items) : (long?)null;
        using var loop = new Loop(values, length, depth, !node.Recursive ? null : inner =>
            Recurse(node, inner, depth + 1, scope));
        // As in the reference, only a pass that reaches its end counts: after break or continue alone, 'else' follows.
        var any = false;
        while (loop.MoveNext())
        {
            Budget.Step();
            var pass = new Scope(scope) { ["loop"] = loop };
            Assign(node.Target, loop.Current, pass, pass);
            var flow = Execute(node.Body, pass);
            if (flow == Flow.Break) break;
            any |= flow == Flow.Next;
        }
        return any ? Flow.Next : Execute(node.Otherwise, new Scope(scope));
    }

    bool Passes(For node, object? item, Scope scope)
    {
        Budget.Step();
        var pass = new Scope(scope);
        Assign(node.Target, item, pass, pass);
        return Operators.Truth(Evaluate(node.Filter!, pass));
    }

    string Recurse(For node, object? items, int depth, Scope scope)
    {
        var outside = output;
        output = new StringBuilder();
        Budget.Enter();
        try
        {
            RunLoop(node, items, depth, scope);
            return output.ToString();
        }
        finally
        {
            Budget.Leave();
            output = outside;
        }
    }

    Flow ExecuteSet(SetBlock set, Scope scope)
    {
        var body = Capture(set.Body, new Scope(scope), out var flow);
        if (flow != Flow.Next) return flow;
        Assign(set.Target, set.Filter is null ? body : ApplyAll(set.Filter, body, scope), scope, scope);
        return Flow.Next;
    }

    Flow ExecuteWith(With with, Scope scope)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Bindings) Assign(target, Evaluate(value, scope), inner, scope);
        return Execute(with.Body, inner);
    }

    Flow ExecuteFilter(FilterBlock block, Scope scope)
    {
        var inner = new Scope(scope);
        var body = Capture(block.Body, inner, out var flow);
        if (flow != Flow.Next) return flow;
        Write(PythonText.Str(ApplyAll(block.Filter, body, inner), Budget));
        return Flow.Next;
    }

    object? ExecuteCall(CallBlock block, Scope scope)
    {
        var target = Evaluate(block.Call.Target, scope);
        var arguments = EvaluateArguments("call", block.Call.Arguments, scope);
        arguments.Named.Add(new("caller", new Macro(block.Body, scope)));
        Position = block.Call.At;
        return Call(target, arguments);
    }

    void ExecuteGeneration(Generation generation, Scope scope)
    {
        var body = Capture(generation.Body, new Scope(scope), out _);
        for (; counted.Utf16 < text.Length; counted.Utf16++)
            if (!char.IsLowSurrogate(text[counted.Utf16])) counted.CodePoints++;
        spans.Add(new GenerationSpan(counted.CodePoints, counted.CodePoints + PythonText.Length(body)));
        Write(body);
    }

    void Assign(Target target, object? value, Scope scope, Scope lookup)
    {
        switch (target)
        {
            case VariableTarget variable: scope[variable.Name] = value; return;
            case NamespaceTarget attribute:
                var space = NamespaceOf(attribute, lookup);
                Namespace.CheckName(attribute.Name);
                space.Attributes[attribute.Name] = value;
                return;
        }
        var targets = ((TupleTarget)target).Items;
        Position = target.At;
        if (!Operators.IsIterable(value))
            throw PythonError.Type($"cannot unpack non-iterable {PythonText.TypeName(value)} object");
        var items = Operators.ToArray(value, Budget);
        if (items.Length > targets.Length) throw PythonError.Value($"too many values to unpack (expected {targets.Length})");
        if (items.Length < targets.Length)
            throw PythonError.Value($"not enough values to unpack (expected {targets.Length}, got {items.Length})");
        for (var i = 0; i < items.Length; i++) Assign(targets[i], items[i], scope, lookup);
    }

    /// <summary>As in the reference, a value is only computed when it can be stored.</summary>
    void CheckNamespaces(Target target, Scope scope)
    {
        if (target is NamespaceTarget attribute) NamespaceOf(attribute, scope);
        foreach (var item in target is TupleTarget tuple ? tuple.Items : []) CheckNamespaces(item, scope);
    }

    Namespace NamespaceOf(NamespaceTarget target, Scope scope)
    {
        Position = target.At;
        return scope.TryGet(target.Namespace, out var owner) && owner is Namespace space ? space
            : throw PythonError.Runtime($"cannot assign to an attribute of '{target.Namespace}', which is no namespace");
    }

    /// <summary>Calls a macro, whose body sees the variables of the place where it was defined.</summary>
    public string CallMacro(MacroDefinition macro, Scope definedIn, Arguments arguments)
    {
        Budget.Enter();
        var scope = new Scope(definedIn);
        BindMacro(macro, scope, arguments);
        var body = Capture(macro.Body, scope, out _);
        Budget.Leave();
        return body;
    }

    void BindMacro(MacroDefinition macro, Scope scope, Arguments arguments)
    {
        var named = arguments.Named.ToList();
        bool TakeNamed(string name, out object? value)
        {
            var at = named.FindIndex(entry => entry.Key == name);
            value = at < 0 ? null : named[at].Value;
            if (at >= 0) named.RemoveAt(at);
            return at >= 0;
        }
        for (var i = 0; i < macro.Parameters.Length; i++)
        {
            var (name, otherwise) = macro.Parameters[i];
            if (i < arguments.Positional.Length) scope[name] = arguments.Positional[i];
            else if (TakeNamed(name, out var value)) scope[name] = value;
            else if (otherwise is not null) scope[name] = Evaluate(otherwise, scope);
            else scope[name] = Undefined.Because($"parameter '{name}' was not provided");
        }
        if (macro.TakesCaller && !macro.Parameters.Any(p => p.Name == "caller"))
            scope["caller"] = TakeNamed("caller", out var caller) ? caller : Undefined.Because("No caller defined");
        if (macro.TakesKwargs)
            scope["kwargs"] = DictValue.Of(named.Select(entry => KeyValuePair.Create((object?)entry.Key, entry.Value)));
        else if (named.Count > 0) throw PythonError.Type($"macro '{macro.Name}' takes no keyword argument '{named[0].Key}'");
        var rest = arguments.Positional.Skip(macro.Parameters.Length).ToArray();
        if (macro.TakesVarargs) scope["varargs"] = new TupleValue(rest);
        else if (rest.Length > 0)
            throw PythonError.Type($"macro '{macro.Name}' takes not more than {macro.Parameters.Length} argument(s)");
    }
}
