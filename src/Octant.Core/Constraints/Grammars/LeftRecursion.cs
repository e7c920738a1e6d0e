namespace Octant.Constraints.Grammars;

/// <summary>
/// Rewrites rules that begin with themselves, so that every rule reads a byte before it can be called again (Paull's algorithm, on automata:
/// what stands behind a left-recursive call becomes something that may follow the rule's end, again and again).
/// </summary>
static class LeftRecursion
{
    /// <summary>Removes it; gives each rule its place in an order in which rules begin only with later ones.</summary>
    public static int[] Remove(RuleAutomaton[] rules)
    {
        foreach (var rule in rules) rule.Start = FreshStart(rule);
        foreach (var component in Components(rules).ToArray())
            if (component.Count > 1 || BeginsWith(rules[component[0]]).Contains(component[0])) Rewrite(rules, component);
        var order = new int[rules.Length];
        // A component is found after all that it begins with.
        foreach (var (place, component) in Components(rules).Index()) order[component.Single()] = rules.Length - place;
        return order;
    }

    /// <summary>A beginning that nothing leads back to, with the ways of all that the old one reaches freely.</summary>
    static int FreshStart(RuleAutomaton rule)
    {
        var fresh = rule.New();
        foreach (var state in FreeClosure.Of(rule, [rule.Start]))
            foreach (var way in rule[state])
                if (!way.IsFree) rule[fresh].Add(way);
        return fresh;
    }

    static IEnumerable<int> BeginsWith(RuleAutomaton rule) => rule[rule.Start].Where(way => way.Rule >= 0).Select(way => way.Rule).Distinct();

    static void Rewrite(RuleAutomaton[] rules, List<int> component)
    {
        for (var i = 0; i < component.Count; i++)
        {
            var rule = rules[component[i]];
            for (var j = 0; j < i; j++) Inline(rule, component[j], rules[component[j]]);
            // Behind the rule's end may follow what stood behind its own call.
            foreach (var way in rule[rule.Start].Where(way => way.Rule == component[i])) rule[rule.End].Add(Way.Free(way.Target));
            rule[rule.Start].RemoveAll(way => way.Rule == component[i]);
        }
    }

    /// <summary>Puts another rule's ways in the place of calls of it at the beginning.</summary>
    static void Inline(RuleAutomaton rule, int called, RuleAutomaton other)
    {
        foreach (var call in rule[rule.Start].Where(way => way.Rule == called).ToArray())
        {
            rule[rule.Start].Remove(call);
            var first = rule.Count;
            for (var i = 0; i < other.Count; i++) rule.New();
            for (var i = 0; i < other.Count; i++)
                foreach (var way in other[i])
                    rule[i == other.Start ? rule.Start : first + i].Add(way with { Target = first + way.Target });
            rule[first + other.End].Add(Way.Free(call.Target));
        }
    }

    /// <summary>Tarjan's strongly connected components of "begins with", without recursion; later ones first.</summary>
    static IEnumerable<List<int>> Components(RuleAutomaton[] rules)
    {
        var (index, low, onStack) = (new int[rules.Length], new int[rules.Length], new bool[rules.Length]);
        var (stack, work, next) = (new Stack<int>(), new Stack<(int Rule, IEnumerator<int> Begins)>(), 1);
        for (var root = 0; root < rules.Length; root++)
        {
            if (index[root] == 0) Enter(root);
            while (work.TryPeek(out var frame))
            {
                if (frame.Begins.MoveNext())
                {
                    var called = frame.Begins.Current;
                    if (index[called] == 0) Enter(called);
                    else if (onStack[called]) low[frame.Rule] = Math.Min(low[frame.Rule], index[called]);
                    continue;
                }
                work.Pop();
                if (work.TryPeek(out var parent)) low[parent.Rule] = Math.Min(low[parent.Rule], low[frame.Rule]);
                if (low[frame.Rule] != index[frame.Rule]) continue;
                var component = new List<int>();
                int member;
                do
                {
                    member = stack.Pop();
                    onStack[member] = false;
                    component.Add(member);
                }
                while (member != frame.Rule);
                yield return component;
            }
        }

        void Enter(int rule)
        {
            index[rule] = low[rule] = next++;
            stack.Push(rule);
            onStack[rule] = true;
            work.Push((rule, BeginsWith(rules[rule]).ToList().GetEnumerator()));
        }
    }
}

/// <summary>What is reached without reading.</summary>
static class FreeClosure
{
    public static SortedSet<int> Of(RuleAutomaton rule, IEnumerable<int> states)
    {
        var reached = new SortedSet<int>(states);
        var open = new Stack<int>(reached);
        while (open.TryPop(out var state))
        {
            Effort.Spend(1);
            foreach (var way in rule[state])
                if (way.IsFree && reached.Add(way.Target)) open.Push(way.Target);
        }
        return reached;
    }
}
