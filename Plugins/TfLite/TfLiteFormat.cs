using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Operators;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.TfLite;

/// <summary>TensorFlow Lite models: float, 8-bit, hybrid and half-precision ones, with control flow; layers of 16-bit data.</summary>
[ModelFormat("tflite", ".tflite")]
[FormatOption("ends", "int8|uint8|float", "Type of the inputs and outputs of a quantized model; the graph's own when it is not given.")]
[FormatOption("weights", "float|float16", "How float constants are stored.")]
[FormatOption("describe", "FILE", "Also writes a table of operators, types, versions and sizes.")]
[FormatOption("c_array", "FILE", "Also writes the model as an array in C.")]
public sealed class TfLiteFormat : IModelSourceReader, IModelSinkWriter
{
    private const int HeaderLength = 8;

    public bool Recognizes(ModelSource source)
    {
        if (source.Main is not { Length: >= HeaderLength } file)
            return false;
        return file.Slice(4, 4).Span.SequenceEqual(ModelDecoder.Identifier);
    }

    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        ModelSourceFile file = source.Main ?? throw TfLiteDiagnostics.Broken($"'{source.Path}' is a folder; a TensorFlow Lite model is a file");
        try
        {
            if (file.Length > Array.MaxLength)
                throw TfLiteDiagnostics.Broken($"the file has {file.Length} bytes; at most {Array.MaxLength} can be read");
            return GraphReader.Read(ModelDecoder.Decode(file.Slice(0, (int)file.Length), cancellation), OperatorConverters.Read, options, cancellation);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
    }

    public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation)
    {
        byte[] bytes = Encode(model, options, cancellation);
        sink.Main.Write(bytes);
        if (options.Settings.TryGetValue("describe", out string? describe) && describe.Length > 0)
            WriteText(sink, describe, ModelDescription.Of(ModelDecoder.Decode(bytes, cancellation), bytes.Length));
        if (options.Settings.TryGetValue("c_array", out string? array) && array.Length > 0)
            WriteText(sink, array, CArray.Of(bytes, sink.Name));
    }

    /// <summary>The bytes of a file, which were read again and checked.</summary>
    internal static byte[] Encode(ModelContent model, ModelWriteOptions options, CancellationToken cancellation)
    {
        try
        {
            byte[] bytes = ModelEncoder.Encode(GraphWriter.Write(model, NodeConverters.Write, options, cancellation));
            ModelVerifier.Verify(ModelDecoder.Decode(bytes, cancellation), cancellation);
            return bytes;
        }
        catch (Exception error) when (NodeFault.IsOne(error))
        {
            throw TfLiteDiagnostics.Unwritable($"the graph cannot be written: {error.Message}");
        }
    }

    private static void WriteText(ModelSink sink, string name, string text)
    {
        using var writer = new StreamWriter(sink.Create(name), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        writer.Write(text);
    }
}
