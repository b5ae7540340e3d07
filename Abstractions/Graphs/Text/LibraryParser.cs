using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads the function library: <c>function name { … }</c>, <c>gradient f = g</c>, <c>library !…</c>.</summary>
internal sealed class LibraryParser(TextCursor cursor, ValueParser values, NodeParser nodes)
{
    private readonly ImmutableArray<FunctionDefinition>.Builder functions = ImmutableArray.CreateBuilder<FunctionDefinition>();
    private readonly ImmutableArray<FunctionGradient>.Builder gradients = ImmutableArray.CreateBuilder<FunctionGradient>();
    private UnknownFields unknown;

    public FunctionLibrary Read()
    {
        var library = new FunctionLibrary(functions.ToImmutable(), gradients.ToImmutable()) { UnknownFields = unknown };
        return library.IsEmpty ? FunctionLibrary.Empty : library;
    }

    public bool TryReadKeyword(string word)
    {
        switch (word)
        {
            case "function":
                functions.Add(new FunctionParser(cursor, values, nodes).Read());
                return true;
            case "gradient":
                string function = cursor.Name("the name of a function");
                cursor.Take('=');
                gradients.Add(new(function, cursor.Name("the name of a gradient function")) { UnknownFields = cursor.UnknownFields() });
                return true;
            case "library":
                unknown = cursor.UnknownFields();
                return true;
            default:
                return false;
        }
    }
}
