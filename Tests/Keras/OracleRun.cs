using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Keras.Tests;

/// <summary>Reads a model, runs it, and compares what comes out.</summary>
internal static class OracleRun
{
    /// <summary>What is wrong with a file's results, or null.</summary>
    public static string? Check(OracleFile file)
    {
        (byte[] model, byte[]? values) = file.Load();
        ModelContent content;
        try
        {
            using var source = new MemorySource((file.File, model));
            content = Read(source);
        }
        catch (ModelFormatException error)
        {
            if (file.MayRefuse)
                return null;
            if (file.Words.IsDefault)
                return error.Message;
            string? missing = file.Words.FirstOrDefault(word => !error.Message.Contains(word, StringComparison.Ordinal) && error.Suggestion?.Contains(word, StringComparison.Ordinal) != true);
            return missing is null ? null : $"the message lacks '{missing}': {error.Message}";
        }
        if (!file.Words.IsDefault)
            return "was read, must be refused";
        return ModelComparison.Compare(content, NpzFile.Read(new MemoryStream(values!)), file.Inputs, file.Tolerance);
    }

    /// <summary>Reads a source by the format's own reader.</summary>
    public static ModelContent Read(ModelSource source)
    {
        var format = new KerasFormat();
        Assert.True(format.Recognizes(source), "the file is not recognized");
        return format.Read(source, ModelReadOptions.Default, CancellationToken.None);
    }
}
