namespace TransformFramework.SavedModel.Reading;

/// <summary>The text form of SavedModels and meta graphs.</summary>
internal static class MetaGraphText
{
    /// <summary>The binary form of a message that may be text.</summary>
    public static ReadOnlyMemory<byte> ToBinary(ReadOnlyMemory<byte> content, bool isSavedModel) => content;
}
