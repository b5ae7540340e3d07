using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Operators;

/// <summary>Writes the nodes of an operator.</summary>
internal delegate ImmutableArray<Symbol> Operator(OperatorCall call);

/// <summary>The operators by Keras 3 class and TensorFlow function.</summary>
internal static class OperatorRegistry
{
    private static readonly FrozenDictionary<string, Operator> Operators = Collect();

    /// <summary>Every known name, in ordinal order.</summary>
    public static IEnumerable<string> Names => Operators.Keys.Order(StringComparer.Ordinal);

    /// <summary>True for a name that is known.</summary>
    public static bool Knows(string name) => Operators.ContainsKey(name);

    /// <summary>The operator of a name.</summary>
    /// <exception cref="KerasException">It is not known.</exception>
    public static Operator Find(string name, string owner) => Operators.TryGetValue(name, out Operator? found)
        ? found
        : throw new KerasException(KerasDiagnostics.UnknownClass, $"{owner} is an operator that is not known here", KerasDiagnostics.ExportAdvice);

    private static FrozenDictionary<string, Operator> Collect()
    {
        var operators = new Dictionary<string, Operator>(StringComparer.Ordinal);
        foreach (var (names, op) in UnaryOperators.Table)
        {
            foreach (string name in names)
                operators.Add(name, call => [call.Graph.Unary(op, call.Floating(call.Tensor(0), op))]);
        }
        foreach (var (names, op) in BinaryOperators.Table)
        {
            foreach (string name in names)
                operators.Add(name, call => BinaryOperators.Apply(call, op));
        }
        foreach (MethodInfo method in typeof(OperatorRegistry).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public)))
        {
            if (method.GetCustomAttribute<KerasOperatorAttribute>() is not { } attribute)
                continue;
            foreach (string name in attribute.Names)
                operators.Add(name, method.CreateDelegate<Operator>());
        }
        return operators.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
