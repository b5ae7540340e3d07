using System.Collections.Immutable;

namespace TransformFramework.Keras.Layers;

/// <summary>A layer whose words may be in a file of their own.</summary>
internal interface IVocabularyLayer
{
    /// <summary>Where the weights of the look-up are, below the layer's group; empty for the group itself.</summary>
    string LookupPath { get; }

    /// <summary>Sets a factor for each category, those of unknown words included.</summary>
    void SetFactors(ImmutableArray<double> factors);

    /// <summary>Sets the words.</summary>
    void SetVocabulary(ImmutableArray<string> words);
}
