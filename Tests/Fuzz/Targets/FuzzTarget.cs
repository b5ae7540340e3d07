using TransformFramework.ModelFiles;

namespace TransformFramework.Fuzz.Targets;

/// <summary>What a reader made of a model.</summary>
/// <param name="IsRecognized">The reader takes it for its format.</param>
/// <param name="IsRead">It was read.</param>
/// <param name="DiagnosticId">Id of the refusal.</param>
/// <param name="Failure">What should not have happened: another exception.</param>
internal sealed record FuzzResult(bool IsRecognized, bool IsRead, string? DiagnosticId, string? Failure);

/// <summary>A reader with models to damage.</summary>
/// <param name="Name">Name of the format.</param>
/// <param name="Seeds">Whole models: contents of files by name.</param>
/// <param name="Reader">The reader.</param>
/// <param name="Options">What to read.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<Dictionary<string, byte[]>> Seeds, IModelSourceReader Reader, ModelReadOptions Options)
{
    /// <summary>Every format.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [SavedModelTargets.SavedModels(), SavedModelTargets.Checkpoints()];

    /// <summary>Reads a model.</summary>
    public FuzzResult Read(Dictionary<string, byte[]> model)
    {
        bool isRecognized = false;
        try
        {
            using var folder = new MemoryFolder();
            foreach (var (name, content) in model)
                folder.Add(name, content);
            using ModelSource source = folder.Source();
            isRecognized = Reader.Recognizes(source);
            Reader.Read(source, Options, CancellationToken.None);
            return new(isRecognized, IsRead: true, null, null);
        }
        catch (ModelFormatException error)
        {
            return new(isRecognized, IsRead: false, error.DiagnosticId, error.Message.Length == 0 ? "a refusal without a message" : null);
        }
#pragma warning disable CA1031 // Every other exception is what this program looks for.
        catch (Exception error)
#pragma warning restore CA1031
        {
            string[] lines = error.StackTrace?.Split('\n') ?? [];
            return new(isRecognized, IsRead: false, null, $"{error.GetType().Name}: {string.Join(" | ", lines.Where(line => line.Contains("TransformFramework", StringComparison.Ordinal)).Take(3).Select(line => line.Trim()))}");
        }
    }
}
