using System.Collections.Immutable;

namespace TransformFramework.Keras.Layers;

/// <summary>A layer whose words may be in a file of their own.</summary>
internal interface IVocabularyLayer
{
    /// <summary>Sets the words.</summary>
    void SetVocabulary(ImmutableArray<string> words);
}
