// Generated from the files of this folder by `npm run catalog`. Do not edit.

import type { OpDefinition } from '../op.ts';
import { abs } from './Abs.ts';
import { acos } from './Acos.ts';
import { acosh } from './Acosh.ts';
import { add } from './Add.ts';
import { affine } from './Affine.ts';
import { affineGrid } from './AffineGrid.ts';
import { and } from './And.ts';
import { argMax } from './ArgMax.ts';
import { argMin } from './ArgMin.ts';
import { asin } from './Asin.ts';
import { asinh } from './Asinh.ts';
import { atan } from './Atan.ts';
import { atanh } from './Atanh.ts';
import { attention } from './Attention.ts';
import { averagePool } from './AveragePool.ts';
import { aiOnnxMlLinearClassifier } from './ai.onnx.ml.LinearClassifier.ts';
import { aiOnnxMlLinearRegressor } from './ai.onnx.ml.LinearRegressor.ts';
import { aiOnnxMlNormalizer } from './ai.onnx.ml.Normalizer.ts';
import { aiOnnxMlScaler } from './ai.onnx.ml.Scaler.ts';
import { aiOnnxMlTreeEnsemble } from './ai.onnx.ml.TreeEnsemble.ts';
import { aiOnnxMlTreeEnsembleClassifier } from './ai.onnx.ml.TreeEnsembleClassifier.ts';
import { aiOnnxMlTreeEnsembleRegressor } from './ai.onnx.ml.TreeEnsembleRegressor.ts';
import { batchNormalization } from './BatchNormalization.ts';
import { bernoulli } from './Bernoulli.ts';
import { bitShift } from './BitShift.ts';
import { cast } from './Cast.ts';
import { castLike } from './CastLike.ts';
import { ceil } from './Ceil.ts';
import { celu } from './Celu.ts';
import { centerCropPad } from './CenterCropPad.ts';
import { clip } from './Clip.ts';
import { col2Im } from './Col2Im.ts';
import { compress } from './Compress.ts';
import { concat } from './Concat.ts';
import { constantOfShape } from './ConstantOfShape.ts';
import { conv } from './Conv.ts';
import { convInteger } from './ConvInteger.ts';
import { convTranspose } from './ConvTranspose.ts';
import { cos } from './Cos.ts';
import { cosh } from './Cosh.ts';
import { crop } from './Crop.ts';
import { cumSum } from './CumSum.ts';
import { comMicrosoftAttention } from './com.microsoft.Attention.ts';
import { comMicrosoftBiasGelu } from './com.microsoft.BiasGelu.ts';
import { comMicrosoftDequantizeLinear } from './com.microsoft.DequantizeLinear.ts';
import { comMicrosoftDynamicQuantizeMatMul } from './com.microsoft.DynamicQuantizeMatMul.ts';
import { comMicrosoftFastGelu } from './com.microsoft.FastGelu.ts';
import { comMicrosoftFusedConv } from './com.microsoft.FusedConv.ts';
import { comMicrosoftFusedGemm } from './com.microsoft.FusedGemm.ts';
import { comMicrosoftFusedMatMul } from './com.microsoft.FusedMatMul.ts';
import { comMicrosoftGelu } from './com.microsoft.Gelu.ts';
import { comMicrosoftGridSample } from './com.microsoft.GridSample.ts';
import { comMicrosoftMatMulIntegerToFloat } from './com.microsoft.MatMulIntegerToFloat.ts';
import { comMicrosoftMatMulNBits } from './com.microsoft.MatMulNBits.ts';
import { comMicrosoftMultiHeadAttention } from './com.microsoft.MultiHeadAttention.ts';
import { comMicrosoftNhwcMaxPool } from './com.microsoft.NhwcMaxPool.ts';
import { comMicrosoftQGemm } from './com.microsoft.QGemm.ts';
import { comMicrosoftQLinearAdd } from './com.microsoft.QLinearAdd.ts';
import { comMicrosoftQLinearAveragePool } from './com.microsoft.QLinearAveragePool.ts';
import { comMicrosoftQLinearConcat } from './com.microsoft.QLinearConcat.ts';
import { comMicrosoftQLinearConv } from './com.microsoft.QLinearConv.ts';
import { comMicrosoftQLinearGlobalAveragePool } from './com.microsoft.QLinearGlobalAveragePool.ts';
import { comMicrosoftQLinearLeakyRelu } from './com.microsoft.QLinearLeakyRelu.ts';
import { comMicrosoftQLinearMul } from './com.microsoft.QLinearMul.ts';
import { comMicrosoftQLinearSigmoid } from './com.microsoft.QLinearSigmoid.ts';
import { comMicrosoftQLinearSoftmax } from './com.microsoft.QLinearSoftmax.ts';
import { comMicrosoftQLinearWhere } from './com.microsoft.QLinearWhere.ts';
import { comMicrosoftQuantizeLinear } from './com.microsoft.QuantizeLinear.ts';
import { comMicrosoftQuickGelu } from './com.microsoft.QuickGelu.ts';
import { comMicrosoftRotaryEmbedding } from './com.microsoft.RotaryEmbedding.ts';
import { comMicrosoftSkipLayerNormalization } from './com.microsoft.SkipLayerNormalization.ts';
import { comMicrosoftSkipSimplifiedLayerNormalization } from './com.microsoft.SkipSimplifiedLayerNormalization.ts';
import { comMicrosoftTrilu } from './com.microsoft.Trilu.ts';
import { deformConv } from './DeformConv.ts';
import { depthToSpace } from './DepthToSpace.ts';
import { dequantizeLinear } from './DequantizeLinear.ts';
import { det } from './Det.ts';
import { dft } from './DFT.ts';
import { div } from './Div.ts';
import { dropout } from './Dropout.ts';
import { dynamicQuantizeLinear } from './DynamicQuantizeLinear.ts';
import { einsum } from './Einsum.ts';
import { elu } from './Elu.ts';
import { equal } from './Equal.ts';
import { erf } from './Erf.ts';
import { exp } from './Exp.ts';
import { expand } from './Expand.ts';
import { eyeLike } from './EyeLike.ts';
import { flatten } from './Flatten.ts';
import { floor } from './Floor.ts';
import { gather } from './Gather.ts';
import { gatherElements } from './GatherElements.ts';
import { gatherND } from './GatherND.ts';
import { gelu } from './Gelu.ts';
import { gemm } from './Gemm.ts';
import { globalAveragePool } from './GlobalAveragePool.ts';
import { globalLpPool } from './GlobalLpPool.ts';
import { globalMaxPool } from './GlobalMaxPool.ts';
import { greater } from './Greater.ts';
import { greaterOrEqual } from './GreaterOrEqual.ts';
import { gridSample } from './GridSample.ts';
import { groupNormalization } from './GroupNormalization.ts';
import { hardmax } from './Hardmax.ts';
import { hardSigmoid } from './HardSigmoid.ts';
import { hardSwish } from './HardSwish.ts';
import { identity } from './Identity.ts';
import { imageScaler } from './ImageScaler.ts';
import { instanceNormalization } from './InstanceNormalization.ts';
import { isInf } from './IsInf.ts';
import { isNaN } from './IsNaN.ts';
import { layerNormalization } from './LayerNormalization.ts';
import { leakyRelu } from './LeakyRelu.ts';
import { less } from './Less.ts';
import { lessOrEqual } from './LessOrEqual.ts';
import { log } from './Log.ts';
import { logSoftmax } from './LogSoftmax.ts';
import { lpNormalization } from './LpNormalization.ts';
import { lpPool } from './LpPool.ts';
import { lrn } from './LRN.ts';
import { matMul } from './MatMul.ts';
import { matMulInteger } from './MatMulInteger.ts';
import { max } from './Max.ts';
import { maxPool } from './MaxPool.ts';
import { maxUnpool } from './MaxUnpool.ts';
import { mean } from './Mean.ts';
import { meanVarianceNormalization } from './MeanVarianceNormalization.ts';
import { min } from './Min.ts';
import { mish } from './Mish.ts';
import { mod } from './Mod.ts';
import { mul } from './Mul.ts';
import { multinomial } from './Multinomial.ts';
import { neg } from './Neg.ts';
import { negativeLogLikelihoodLoss } from './NegativeLogLikelihoodLoss.ts';
import { nonZero } from './NonZero.ts';
import { not } from './Not.ts';
import { oneHot } from './OneHot.ts';
import { or } from './Or.ts';
import { pad } from './Pad.ts';
import { parametricSoftplus } from './ParametricSoftplus.ts';
import { pow } from './Pow.ts';
import { pRelu } from './PRelu.ts';
import { qLinearConv } from './QLinearConv.ts';
import { qLinearMatMul } from './QLinearMatMul.ts';
import { quantizeLinear } from './QuantizeLinear.ts';
import { randomNormal } from './RandomNormal.ts';
import { randomNormalLike } from './RandomNormalLike.ts';
import { randomUniform } from './RandomUniform.ts';
import { randomUniformLike } from './RandomUniformLike.ts';
import { range } from './Range.ts';
import { reciprocal } from './Reciprocal.ts';
import { reduceL1 } from './ReduceL1.ts';
import { reduceL2 } from './ReduceL2.ts';
import { reduceLogSum } from './ReduceLogSum.ts';
import { reduceLogSumExp } from './ReduceLogSumExp.ts';
import { reduceMax } from './ReduceMax.ts';
import { reduceMean } from './ReduceMean.ts';
import { reduceMin } from './ReduceMin.ts';
import { reduceProd } from './ReduceProd.ts';
import { reduceSum } from './ReduceSum.ts';
import { reduceSumSquare } from './ReduceSumSquare.ts';
import { relu } from './Relu.ts';
import { reshape } from './Reshape.ts';
import { resize } from './Resize.ts';
import { reverseSequence } from './ReverseSequence.ts';
import { rmsNormalization } from './RMSNormalization.ts';
import { roiAlign } from './RoiAlign.ts';
import { rotaryEmbedding } from './RotaryEmbedding.ts';
import { round } from './Round.ts';
import { scale } from './Scale.ts';
import { scaledTanh } from './ScaledTanh.ts';
import { scatter } from './Scatter.ts';
import { scatterElements } from './ScatterElements.ts';
import { scatterND } from './ScatterND.ts';
import { selu } from './Selu.ts';
import { shape } from './Shape.ts';
import { shrink } from './Shrink.ts';
import { sigmoid } from './Sigmoid.ts';
import { sign } from './Sign.ts';
import { simplifiedLayerNormalization } from './SimplifiedLayerNormalization.ts';
import { sin } from './Sin.ts';
import { sinh } from './Sinh.ts';
import { size } from './Size.ts';
import { slice } from './Slice.ts';
import { softmax } from './Softmax.ts';
import { softmaxCrossEntropyLoss } from './SoftmaxCrossEntropyLoss.ts';
import { softplus } from './Softplus.ts';
import { softsign } from './Softsign.ts';
import { spaceToDepth } from './SpaceToDepth.ts';
import { split } from './Split.ts';
import { sqrt } from './Sqrt.ts';
import { squeeze } from './Squeeze.ts';
import { sub } from './Sub.ts';
import { sum } from './Sum.ts';
import { swish } from './Swish.ts';
import { tan } from './Tan.ts';
import { tanh } from './Tanh.ts';
import { thresholdedRelu } from './ThresholdedRelu.ts';
import { tile } from './Tile.ts';
import { topK } from './TopK.ts';
import { transpose } from './Transpose.ts';
import { trilu } from './Trilu.ts';
import { unsqueeze } from './Unsqueeze.ts';
import { upsample } from './Upsample.ts';
import { where } from './Where.ts';
import { xor } from './Xor.ts';

export const operators: ReadonlyMap<string, OpDefinition> = new Map(
  (
    [
      abs,
      acos,
      acosh,
      add,
      affine,
      affineGrid,
      and,
      argMax,
      argMin,
      asin,
      asinh,
      atan,
      atanh,
      attention,
      averagePool,
      batchNormalization,
      bernoulli,
      bitShift,
      cast,
      castLike,
      ceil,
      celu,
      centerCropPad,
      clip,
      col2Im,
      compress,
      concat,
      constantOfShape,
      conv,
      convInteger,
      convTranspose,
      cos,
      cosh,
      crop,
      cumSum,
      dft,
      deformConv,
      depthToSpace,
      dequantizeLinear,
      det,
      div,
      dropout,
      dynamicQuantizeLinear,
      einsum,
      elu,
      equal,
      erf,
      exp,
      expand,
      eyeLike,
      flatten,
      floor,
      gather,
      gatherElements,
      gatherND,
      gelu,
      gemm,
      globalAveragePool,
      globalLpPool,
      globalMaxPool,
      greater,
      greaterOrEqual,
      gridSample,
      groupNormalization,
      hardSigmoid,
      hardSwish,
      hardmax,
      identity,
      imageScaler,
      instanceNormalization,
      isInf,
      isNaN,
      lrn,
      layerNormalization,
      leakyRelu,
      less,
      lessOrEqual,
      log,
      logSoftmax,
      lpNormalization,
      lpPool,
      matMul,
      matMulInteger,
      max,
      maxPool,
      maxUnpool,
      mean,
      meanVarianceNormalization,
      min,
      mish,
      mod,
      mul,
      multinomial,
      neg,
      negativeLogLikelihoodLoss,
      nonZero,
      not,
      oneHot,
      or,
      pRelu,
      pad,
      parametricSoftplus,
      pow,
      qLinearConv,
      qLinearMatMul,
      quantizeLinear,
      rmsNormalization,
      randomNormal,
      randomNormalLike,
      randomUniform,
      randomUniformLike,
      range,
      reciprocal,
      reduceL1,
      reduceL2,
      reduceLogSum,
      reduceLogSumExp,
      reduceMax,
      reduceMean,
      reduceMin,
      reduceProd,
      reduceSum,
      reduceSumSquare,
      relu,
      reshape,
      resize,
      reverseSequence,
      roiAlign,
      rotaryEmbedding,
      round,
      scale,
      scaledTanh,
      scatter,
      scatterElements,
      scatterND,
      selu,
      shape,
      shrink,
      sigmoid,
      sign,
      simplifiedLayerNormalization,
      sin,
      sinh,
      size,
      slice,
      softmax,
      softmaxCrossEntropyLoss,
      softplus,
      softsign,
      spaceToDepth,
      split,
      sqrt,
      squeeze,
      sub,
      sum,
      swish,
      tan,
      tanh,
      thresholdedRelu,
      tile,
      topK,
      transpose,
      trilu,
      unsqueeze,
      upsample,
      where,
      xor,
      aiOnnxMlLinearClassifier,
      aiOnnxMlLinearRegressor,
      aiOnnxMlNormalizer,
      aiOnnxMlScaler,
      aiOnnxMlTreeEnsemble,
      aiOnnxMlTreeEnsembleClassifier,
      aiOnnxMlTreeEnsembleRegressor,
      comMicrosoftAttention,
      comMicrosoftBiasGelu,
      comMicrosoftDequantizeLinear,
      comMicrosoftDynamicQuantizeMatMul,
      comMicrosoftFastGelu,
      comMicrosoftFusedConv,
      comMicrosoftFusedGemm,
      comMicrosoftFusedMatMul,
      comMicrosoftGelu,
      comMicrosoftGridSample,
      comMicrosoftMatMulIntegerToFloat,
      comMicrosoftMatMulNBits,
      comMicrosoftMultiHeadAttention,
      comMicrosoftNhwcMaxPool,
      comMicrosoftQGemm,
      comMicrosoftQLinearAdd,
      comMicrosoftQLinearAveragePool,
      comMicrosoftQLinearConcat,
      comMicrosoftQLinearConv,
      comMicrosoftQLinearGlobalAveragePool,
      comMicrosoftQLinearLeakyRelu,
      comMicrosoftQLinearMul,
      comMicrosoftQLinearSigmoid,
      comMicrosoftQLinearSoftmax,
      comMicrosoftQLinearWhere,
      comMicrosoftQuantizeLinear,
      comMicrosoftQuickGelu,
      comMicrosoftRotaryEmbedding,
      comMicrosoftSkipLayerNormalization,
      comMicrosoftSkipSimplifiedLayerNormalization,
      comMicrosoftTrilu,
    ] as readonly OpDefinition[]
  ).map((e) => [e.domain === '' ? e.op : `${e.domain}.${e.op}`, e]),
);
