using System.Collections.Immutable;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Layers that only training changes: noise, dropout, penalties, augmentation.</summary>
[KerasLayer(
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness", "RandomTranslation", "RandomHeight", "RandomWidth", "RandomShear", "RandomErasing", "RandomGrayscale", "RandomHue",
    "RandomSaturation", "RandomSharpness", "RandomColorJitter", "RandomColorDegeneration", "RandomInvert", "RandomPosterization", "RandomPerspective", "RandomElasticTransform", "RandomGaussianBlur", "RandAugment", "AugMix", "MixUp", "CutMix",
    "Equalization", "ContrastLimitedAdaptiveHistogramEqualization", "MaxNumBoundingBoxes")]
internal sealed class IdentityLayer(LayerSource source) : Layer(source)
{
    protected override bool PassesMask => ClassName != "Identity" || Model.Generation == 3;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [call.Graph.Unary("Identity", call.Input)];
}
