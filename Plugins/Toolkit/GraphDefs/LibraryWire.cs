using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>FunctionDefLibrary</c>.</summary>
public static class LibraryWire
{
    /// <summary>Reads the library that one or more fields of the graph hold together.</summary>
    public static FunctionLibrary Read(ModelSourceFile source, IEnumerable<SourceField> fields)
    {
        var functions = ImmutableArray.CreateBuilder<FunctionDefinition>();
        var gradients = ImmutableArray.CreateBuilder<FunctionGradient>();
        var unknown = new FieldCollector();
        foreach (SourceField field in fields.SelectMany(library => SourceField.Walk(source, library.PayloadStart, library.End)))
        {
            switch (field.Number, field.Type)
            {
                case (1, WireType.Bytes):
                    functions.Add(FunctionWire.Read(field.Message(source)));
                    break;
                case (2, WireType.Bytes):
                    gradients.Add(ReadGradient(field.Message(source)));
                    break;
                default:
                    unknown.Add(field.Bytes(source));
                    break;
            }
        }
        if (functions.Count == 0 && gradients.Count == 0 && unknown.IsEmpty)
            return FunctionLibrary.Empty;
        return new(functions.DrainToImmutable(), gradients.DrainToImmutable()) { UnknownFields = unknown.UnknownFields };
    }

    public static long Size(FunctionLibrary library) =>
        library.Functions.Sum(function => WireSize.Delimited(1, FunctionWire.Size(function)))
        + library.Gradients.Sum(gradient => WireSize.Delimited(2, GradientSize(gradient)))
        + library.UnknownFields.Bytes.Length;

    public static void Write(FunctionLibrary library, WireWriter writer)
    {
        foreach (FunctionDefinition function in library.Functions)
        {
            writer.Delimiter(1, FunctionWire.Size(function));
            FunctionWire.Write(function, writer);
        }
        foreach (FunctionGradient gradient in library.Gradients)
        {
            writer.Delimiter(2, GradientSize(gradient));
            writer.String(1, gradient.FunctionName);
            writer.String(2, gradient.GradientFunction);
            writer.Raw(gradient.UnknownFields.Bytes);
        }
        writer.Raw(library.UnknownFields.Bytes);
    }

    private static long GradientSize(FunctionGradient gradient) =>
        WireSize.String(1, gradient.FunctionName) + WireSize.String(2, gradient.GradientFunction) + gradient.UnknownFields.Bytes.Length;

    private static FunctionGradient ReadGradient(WireReader reader)
    {
        var gradient = new FunctionGradient("", "");
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    gradient = gradient with { FunctionName = reader.String() };
                    break;
                case (2, WireType.Bytes):
                    gradient = gradient with { GradientFunction = reader.String() };
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return gradient with { UnknownFields = unknown.UnknownFields };
    }
}
