using System.Collections.Immutable;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// A tree of op names: <c>*</c> is any op, <c>A|B</c> one of several. A pattern without inputs matches a node with any inputs; otherwise the node's
/// data inputs must be as many, and their producers must match in order.
/// </summary>
public sealed class OpPattern
{
    private readonly string[]? ops;

    private OpPattern(string expression, ImmutableArray<OpPattern> inputs)
    {
        Expression = expression;
        Inputs = inputs;
        ops = expression == "*" ? null : expression.Split('|');
    }

    /// <summary>The op names as written.</summary>
    public string Expression { get; }

    public ImmutableArray<OpPattern> Inputs { get; }

    /// <summary>A pattern of the given ops and inputs.</summary>
    public static OpPattern Of(string ops, params ReadOnlySpan<OpPattern> inputs) => new(ops, [.. inputs]);

    public static implicit operator OpPattern(string ops) => new(ops, []);

    /// <summary>True when the op is one of this pattern's.</summary>
    public bool Accepts(string op) => ops is null || Array.IndexOf(ops, op) >= 0;

    public override string ToString() => Inputs.IsEmpty ? Expression : $"{Expression}({string.Join(", ", Inputs)})";
}
