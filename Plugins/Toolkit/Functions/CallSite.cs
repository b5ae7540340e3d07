using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Functions;

/// <summary>How a node calls functions.</summary>
public enum CallKind
{
    /// <summary>One function, called once: PartitionedCall, StatefulPartitionedCall, a node whose op is a function.</summary>
    Call,

    /// <summary>One function of several, chosen by the first input: If, Case and their stateless forms.</summary>
    Branch,

    /// <summary>A condition and a body, called again and again on what the body returned: While, StatelessWhile.</summary>
    Loop,
}

/// <summary>A function that a node calls, with the values of its attributes.</summary>
public sealed record CalledFunction(string Name, AttributeMap Attributes);

/// <summary>The functions that a node calls and how its tensors become their arguments.</summary>
/// <param name="Kind">How the node calls.</param>
/// <param name="Functions">The function; the branches in order; the condition and the body.</param>
/// <param name="FirstArgument">Number of the data input that is the functions' first argument.</param>
public sealed record CallSite(CallKind Kind, ImmutableArray<CalledFunction> Functions, int FirstArgument)
{
    /// <summary>The functions whose results are the node's outputs: all but a loop's condition.</summary>
    public IEnumerable<CalledFunction> Producers => Kind == CallKind.Loop ? Functions.Skip(1) : Functions;

    /// <summary>What a node calls; null when it calls nothing, or by an op whose arguments are not the functions' (a map over a data set).</summary>
    public static CallSite? Of(Node node, FunctionIndex functions) => node.Op switch
    {
        "PartitionedCall" or "StatefulPartitionedCall" => Of(node, CallKind.Call, 0, "f"),
        "If" or "StatelessIf" => Of(node, CallKind.Branch, 1, "then_branch", "else_branch"),
        "Case" or "StatelessCase" => node.Attributes.TryGetValue("branches", out var branches) && branches is ListValue list
            ? new(CallKind.Branch, [.. list.Items.OfType<FunctionValue>().Select(Called)], 1)
            : null,
        "While" or "StatelessWhile" => Of(node, CallKind.Loop, 0, "cond", "body"),
        _ => functions.Find(node.Op) is null ? null : new(CallKind.Call, [new(node.Op, node.Attributes)], 0),
    };

    /// <summary>Names of all functions that the node's attributes mention, at any depth of lists and functions.</summary>
    public static IEnumerable<string> Mentioned(Node node)
    {
        foreach (var (_, value) in node.Attributes)
        {
            foreach (string name in Mentioned(value))
                yield return name;
        }
    }

    private static IEnumerable<string> Mentioned(AttributeValue value) => value switch
    {
        FunctionValue function => function.Attributes.SelectMany(entry => Mentioned(entry.Value)).Prepend(function.Name),
        ListValue list => list.Items.Where(item => item is FunctionValue).SelectMany(Mentioned),
        _ => [],
    };

    private static CallSite? Of(Node node, CallKind kind, int firstArgument, params ReadOnlySpan<string> attributes)
    {
        var functions = ImmutableArray.CreateBuilder<CalledFunction>(attributes.Length);
        foreach (string attribute in attributes)
        {
            if (!node.TryFunction(attribute, out var function))
                return null;
            functions.Add(Called(function));
        }
        return new(kind, functions.MoveToImmutable(), firstArgument);
    }

    private static CalledFunction Called(FunctionValue function) => new(function.Name, function.Attributes);
}
