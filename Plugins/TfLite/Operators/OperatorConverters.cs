using System.Collections.Frozen;
using System.Reflection;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>The converters of this assembly by the names that their attributes declare.</summary>
internal static class OperatorConverters
{
    private static readonly FrozenDictionary<string, OperatorConverter> ByOperator = Load();

    /// <summary>Names of all operators that can be read.</summary>
    public static IEnumerable<string> Readable => ByOperator.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds the nodes of an operator and defines its outputs, by its converter.</summary>
    /// <exception cref="ModelFormatException">It has no converter, or its converter refuses it.</exception>
    public static void Read(OperatorReader op)
    {
        OperatorConverter converter = ByOperator.GetValueOrDefault(op.QualifiedName) ?? throw TfLiteDiagnostics.Unreadable("this operator has no counterpart here");
        converter.Read(op);
    }

    private static FrozenDictionary<string, OperatorConverter> Load()
    {
        var found = new Dictionary<string, OperatorConverter>(StringComparer.Ordinal);
        foreach (Type type in typeof(OperatorConverters).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OperatorConverter)) && !type.IsAbstract))
        {
            var converter = (OperatorConverter)Activator.CreateInstance(type)!;
            foreach (string name in type.GetCustomAttributes<OperatorConverterAttribute>().SelectMany(attribute => attribute.Operators))
                found.Add(name, converter);
        }
        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
