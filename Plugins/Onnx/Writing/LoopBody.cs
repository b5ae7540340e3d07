using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>The body of a written loop as patterns look at it: who computes a name, behind nodes that only pass it on.</summary>
internal sealed class LoopBody
{
    private const int FirstVariable = 2;

    private readonly GraphWriter writer;
    private readonly Dictionary<string, (OnnxNode Node, int Port)> producers = new(StringComparer.Ordinal);

    /// <param name="writer">The writer of the body, which is complete.</param>
    /// <param name="initial">What the loop reads: iterations, condition, and the variables before the loop.</param>
    public LoopBody(GraphWriter writer, IReadOnlyList<Operand?> initial)
    {
        this.writer = writer;
        foreach (OnnxNode node in writer.Target.Nodes)
        {
            for (int port = 0; port < node.Outputs.Count; port++)
                producers[node.Outputs[port]] = (node, port);
        }
        Variables = [.. Enumerable.Range(FirstVariable, initial.Count - FirstVariable).Select(i => new LoopVariable(writer.Target.Inputs[i].Name, Resolve(writer.Target.Outputs[i - 1].Name), initial[i]!))];
    }

    /// <summary>The variables that the loop carries.</summary>
    public IReadOnlyList<LoopVariable> Variables { get; }

    /// <summary>What computes a name, or null when it comes from outside.</summary>
    public OnnxNode? Producer(string name) => producers.TryGetValue(Resolve(name), out var found) ? found.Node : null;

    /// <summary>What computes a name, when that is one of some operators.</summary>
    public OnnxNode? Producer(string name, params ReadOnlySpan<string> ops) => Producer(name) is { Domain: "" } node && ops.Contains(node.Op) ? node : null;

    /// <summary>Which output of its node a name is.</summary>
    public int Port(string name) => producers.TryGetValue(Resolve(name), out var found) ? found.Port : 0;

    /// <summary>The name behind nodes that only pass it on.</summary>
    public string Resolve(string name)
    {
        while (producers.TryGetValue(name, out var found) && found.Node.Op == "Identity")
            name = found.Node.Inputs[0];
        return name;
    }

    public bool IsSame(string name, string other) => Resolve(name) == Resolve(other);

    /// <summary>A constant of floats, or null.</summary>
    public Tensor? Floats(string name) => writer.Context.Constant(Resolve(name)) is { Type: DataType.Float, IsDecodable: true } constant ? constant : null;

    /// <summary>A whole number that is constant, or null.</summary>
    public long? Integer(string name) =>
        writer.Context.Constant(Resolve(name)) is { ElementCount: 1, IsDecodable: true } constant && Tensors.IsInteger(constant.Type) ? Tensors.ToLongs(constant)[0] : null;

    /// <summary>What is known of a name.</summary>
    public ValueInfo? Info(string name) => writer.Context.Operands.TryGetValue(name, out Operand? operand) ? operand.Info : null;

    /// <summary>A tensor from outside of the body, or null when the body computes it.</summary>
    public Operand? Outer(string name) =>
        producers.ContainsKey(name) || writer.Target.Inputs.Exists(input => input.Name == name) ? null : writer.Context.Operands.GetValueOrDefault(name);

    /// <summary>How many iterations the loop makes, when it counts from 0 to a constant; else null.</summary>
    public long? Iterations() => Iterations(writer.Target.Outputs[0].Name) is >= 1 and var count ? count : null;

    /// <summary>True for a variable that counts iterations from 0.</summary>
    public bool IsCounter(LoopVariable variable) =>
        variable.Initial.Info.Elements is { IsDefault: false, Length: 1 } first && first[0] == 0 && Producer(variable.Next, "Add") is { } sum
        && ((IsSame(sum.Inputs[0], variable.Name) && Integer(sum.Inputs[1]) == 1) || (IsSame(sum.Inputs[1], variable.Name) && Integer(sum.Inputs[0]) == 1));

    /// <summary>True for a name that is the number of the iteration.</summary>
    public bool IsIteration(string name) => IsSame(name, writer.Target.Inputs[0].Name) || Variables.Any(variable => IsSame(name, variable.Name) && IsCounter(variable));

    private long? Iterations(string condition)
    {
        if (Producer(condition, "And") is { } both)
            return Iterations(both.Inputs[0]) is { } first && Iterations(both.Inputs[1]) is { } second ? Math.Min(first, second) : null;
        if (Producer(condition, "Less") is not { } less || Integer(less.Inputs[1]) is not { } limit)
            return null;
        return Variables.Any(variable => IsSame(variable.Next, less.Inputs[0]) && IsCounter(variable)) ? limit : null;
    }
}

/// <summary>A variable that a loop carries.</summary>
/// <param name="Name">Its name in an iteration.</param>
/// <param name="Next">The name of what the next iteration gets.</param>
/// <param name="Initial">Its value before the loop.</param>
internal sealed record LoopVariable(string Name, string Next, Operand Initial);
