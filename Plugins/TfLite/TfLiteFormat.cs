using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>TensorFlow Lite models. Read: float, 8-bit, 16-bit, hybrid and half-precision ones, with control flow.</summary>
[ModelFormat("tflite", ".tflite")]
public sealed class TfLiteFormat : IModelSourceReader
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
            return GraphReader.Read(ModelDecoder.Decode(file.Slice(0, (int)file.Length), cancellation), options, cancellation);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
    }
}
